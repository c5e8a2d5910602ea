package org.mobilefinetuner.train;

import java.util.function.DoubleSupplier;
import org.mobilefinetuner.autograd.GradientSink;
import org.mobilefinetuner.optim.Optimizer;

/** When, in an optimizer step, gradients become updates. */
interface Updates {
  /** Where the gradients of the step go. */
  GradientSink sink();

  /**
   * Begins a step.
   *
   * @param number of the step, from 0
   * @param loss of the step, as far as it is known
   */
  void begin(int number, float rate, DoubleSupplier loss);

  /**
   * Ends the step, after which all weights are updated.
   *
   * @return the global norm of the gradients
   * @throws TrainingFailedException if the loss or a gradient is not finite, or one is missing
   */
  double end();

  /** What makes the updates. */
  Optimizer optimizer();

  /** Goes on as after a step with the given rate. */
  void passed(float rate);
}
