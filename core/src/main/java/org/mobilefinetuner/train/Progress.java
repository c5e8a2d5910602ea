package org.mobilefinetuner.train;

import java.io.IOException;
import org.mobilefinetuner.io.JsonObject;

/**
 * How far a run has come. With the weights and the optimizer's state this is all that it needs to
 * go on: what is random is a function of seed and step.
 *
 * @param steps optimizer steps made
 * @param epoch the same in passes over the data, with a fraction
 * @param tokens seen
 * @param lossSum the sum of the steps' losses
 * @param evaluatedStep after which the last evaluation was made, 0 before the first
 * @param bestStep after which the best evaluation was made, 0 before the first
 * @param bestLoss the smallest validation loss, NaN before the first
 */
public record Progress(
    int steps,
    double epoch,
    long tokens,
    double lossSum,
    int evaluatedStep,
    int bestStep,
    double bestLoss) {
  /** Before the first step. */
  static final Progress START = new Progress(0, 0, 0, 0, 0, 0, Double.NaN);

  /** The mean training loss over all steps. */
  public double loss() {
    return lossSum / Math.max(1, steps);
  }

  Progress step(double epochs, long moreTokens, double loss) {
    return new Progress(
        steps + 1, epochs, tokens + moreTokens, lossSum + loss, evaluatedStep, bestStep, bestLoss);
  }

  Progress evaluation(double loss) {
    boolean improved = !(loss >= bestLoss);
    return new Progress(
        steps,
        epoch,
        tokens,
        lossSum,
        steps,
        improved ? steps : bestStep,
        improved ? loss : bestLoss);
  }

  JsonObject json() {
    return JsonObject.empty()
        .put("steps", steps)
        .put("epoch", epoch)
        .put("tokens", tokens)
        .put("loss_sum", lossSum)
        .put("evaluated_step", evaluatedStep)
        .put("best_step", bestStep)
        .put("best_loss", bestLoss);
  }

  static Progress of(JsonObject json) throws IOException {
    return new Progress(
        json.integer("steps"),
        json.number("epoch"),
        (long) json.number("tokens"),
        json.number("loss_sum"),
        json.integer("evaluated_step"),
        json.integer("best_step"),
        json.number("best_loss", Double.NaN));
  }
}
