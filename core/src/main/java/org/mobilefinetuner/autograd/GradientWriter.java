package org.mobilefinetuner.autograd;

import org.mobilefinetuner.tensor.Tensor;

/** Computes one contribution to a gradient. */
@FunctionalInterface
public interface GradientWriter {
  /**
   * Sets {@code gradient} to beta·gradient + this contribution; beta is 0 for the first
   * contribution, whatever the storage holds, and 1 for those after it.
   */
  void write(Tensor gradient, float beta);
}
