package org.mobilefinetuner.autograd;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.tensor.Numbers;

/** A sink that sums gradients until they are cleared. */
public interface GradientStore extends GradientSink {
  /** The sum so far, or null if nothing has been added since the last {@link #clear}. */
  @Nullable Numbers numbers(Parameter parameter);

  /** Forgets all sums; the memory stays. */
  void clear();
}
