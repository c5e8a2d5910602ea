package org.mobilefinetuner.text.template;

import org.jspecify.annotations.Nullable;

/** A function, a macro or the method of a value. */
@FunctionalInterface
interface Callable {
  @Nullable Object call(Arguments arguments, Frame frame);
}
