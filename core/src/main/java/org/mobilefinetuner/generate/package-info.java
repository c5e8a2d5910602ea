/** Continuing a text, token by token. */
@NullMarked
package org.mobilefinetuner.generate;

import org.jspecify.annotations.NullMarked;
