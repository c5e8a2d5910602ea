/** Models and adapters in the forms that other programs load, checked by loading them again. */
@NullMarked
package org.mobilefinetuner.export;

import org.jspecify.annotations.NullMarked;
