/** Operations, each with its forward and its backward pass side by side. */
@NullMarked
package org.mobilefinetuner.ops;

import org.jspecify.annotations.NullMarked;
