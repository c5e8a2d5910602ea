/** Data files, the examples in them, their order, and the batches that a step is made of. */
@NullMarked
package org.mobilefinetuner.data;

import org.jspecify.annotations.NullMarked;
