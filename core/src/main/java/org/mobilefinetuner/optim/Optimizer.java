package org.mobilefinetuner.optim;

import org.mobilefinetuner.autograd.Gradients;

/** Turns gradients into updates of the parameters that it was made for. */
public interface Optimizer {
  /**
   * Updates every parameter that has a gradient.
   *
   * @param rate the learning rate
   * @param gradientScale what the gradients are multiplied with first: the clipping factor
   */
  void step(Gradients gradients, float rate, float gradientScale);
}
