/** What a model can do, in numbers, and whether it computes what it should. */
@NullMarked
package org.mobilefinetuner.eval;

import org.jspecify.annotations.NullMarked;
