package org.mobilefinetuner.metrics;

import java.util.Locale;
import java.util.Optional;

/**
 * A step whose loss is far above those before it: by {@value #DEVIATIONS} standard deviations of
 * the last {@value #WINDOW} steps, by half of their mean, and by {@value #NATS} nats, because jumps
 * between small losses harm nothing.
 */
public final class LossSpike implements Symptom {
  private static final int WINDOW = 50;
  private static final int ENOUGH = 20;
  private static final double DEVIATIONS = 6;
  private static final double NATS = 0.3;

  private final double[] losses = new double[WINDOW];
  private int count;

  @Override
  public Optional<Finding> step(Sample sample) {
    int known = Math.min(count, WINDOW);
    double mean = mean(known);
    double deviation = deviation(known, mean);
    losses[count++ % WINDOW] = sample.loss();
    double far = Math.max(NATS, Math.max(mean / 2, DEVIATIONS * deviation));
    if (known < ENOUGH || !(sample.loss() > mean + far)) {
      return Optional.empty();
    }
    return Optional.of(
        new Finding(
            "loss-spike",
            String.format(
                Locale.ROOT,
                "the loss jumped to %.3f, after a mean of %.3f and a standard deviation of %.3f over"
                    + " %d steps",
                sample.loss(),
                mean,
                deviation,
                known),
            "look at the step's examples (--dump-batches), or use a smaller --learning-rate or"
                + " --max-grad-norm"));
  }

  private double mean(int known) {
    double sum = 0;
    for (int i = 0; i < known; i++) {
      sum += losses[i];
    }
    return sum / Math.max(1, known);
  }

  private double deviation(int known, double mean) {
    double sum = 0;
    for (int i = 0; i < known; i++) {
      sum += (losses[i] - mean) * (losses[i] - mean);
    }
    return Math.sqrt(sum / Math.max(1, known - 1));
  }
}
