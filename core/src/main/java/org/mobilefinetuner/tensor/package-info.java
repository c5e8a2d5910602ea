/** Values and the memory that they live in. */
@NullMarked
package org.mobilefinetuner.tensor;

import org.jspecify.annotations.NullMarked;
