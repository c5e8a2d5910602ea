package org.mobilefinetuner.optim;

import java.util.Map;
import org.mobilefinetuner.autograd.GradientStore;
import org.mobilefinetuner.tensor.Numbers;

/** Turns gradients into updates of the parameters that it was made for. */
public interface Optimizer {
  /**
   * Updates every parameter that has a gradient.
   *
   * @param rate the learning rate
   * @param gradientScale what the gradients are multiplied with first: the clipping factor
   */
  void step(GradientStore gradients, float rate, float gradientScale);

  /**
   * All that it remembers from step to step, by name: the numbers themselves, so what is written to
   * them is what it goes on with.
   */
  Map<String, Numbers> state();
}
