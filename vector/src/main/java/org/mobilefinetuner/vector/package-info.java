/** The backend on the Vector API: {@link org.mobilefinetuner.vector.VectorKernelsProvider}. */
@NullMarked
package org.mobilefinetuner.vector;

import org.jspecify.annotations.NullMarked;
