/** Reverse-mode differentiation over a short tape of coarse operations. */
@NullMarked
package org.mobilefinetuner.autograd;

import org.jspecify.annotations.NullMarked;
