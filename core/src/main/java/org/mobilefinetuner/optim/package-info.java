/** Optimizers, learning rate schedules and clipping. */
@NullMarked
package org.mobilefinetuner.optim;

import org.jspecify.annotations.NullMarked;
