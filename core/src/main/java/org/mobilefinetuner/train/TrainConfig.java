package org.mobilefinetuner.train;

import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;

/**
 * What a training run is told, resolved to numbers.
 *
 * @param schedule the learning rate over the run, whose {@code total} is the number of steps
 * @param batchSize sequences of a micro-batch
 * @param accumulation micro-batches of an optimizer step
 * @param maxGradNorm gradients of a larger global norm are scaled down to it; 0 for never
 * @param seed of the order of the examples, of dropout and of new adapters
 * @param evalSteps steps between evaluations; 0 for none but at the end
 */
public record TrainConfig(
    AdamW.Config optimizer,
    Schedule schedule,
    int batchSize,
    int accumulation,
    float maxGradNorm,
    long seed,
    int evalSteps) {
  public TrainConfig {
    if (batchSize < 1 || accumulation < 1 || evalSteps < 0 || !(maxGradNorm >= 0)) {
      throw new IllegalArgumentException(
          "expected a batch size and accumulation of at least 1, evaluation steps and a norm of at "
              + "least 0, found "
              + batchSize
              + ", "
              + accumulation
              + ", "
              + evalSteps
              + ", "
              + maxGradNorm);
    }
  }

  public int steps() {
    return schedule.total();
  }
}
