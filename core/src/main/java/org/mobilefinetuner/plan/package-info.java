/** How a training run is fitted into the memory that it is given. */
@NullMarked
package org.mobilefinetuner.plan;

import org.jspecify.annotations.NullMarked;
