package org.mobilefinetuner.optim;

import java.util.Map;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.tensor.Numbers;

/** Turns gradients into updates of the parameters that it was made for. */
public interface Optimizer {
  /** An update of all parameters that has begun. */
  @FunctionalInterface
  interface Update {
    /** Updates a parameter by its gradient; once for each parameter that has one. */
    void apply(Parameter parameter, Numbers gradient);
  }

  /**
   * Begins an update in which the parameters follow in any order.
   *
   * @param rate the learning rate
   * @param gradientScale what the gradients are multiplied with first: the clipping factor
   */
  Update begin(float rate, float gradientScale);

  /**
   * All that it remembers from step to step, by name: the numbers themselves, so what is written to
   * them is what it goes on with.
   */
  Map<String, Numbers> state();
}
