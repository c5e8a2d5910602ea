/** The training loop. */
@NullMarked
package org.mobilefinetuner.train;

import org.jspecify.annotations.NullMarked;
