package org.mobilefinetuner.metrics;

import java.util.Locale;
import java.util.Optional;

/**
 * A loss that grows instead of falling: over {@value #GROWING} windows of {@value #WINDOW} steps in
 * a row, to more than {@value #FACTOR} times its best; or a validation loss that is not a number.
 */
public final class Divergence implements Symptom {
  private static final int WINDOW = 20;
  private static final int GROWING = 3;
  private static final double FACTOR = 1.25;
  private static final String KIND = "divergence";
  private static final String ADVICE =
      "use a smaller --learning-rate, a longer warm-up or --max-grad-norm 1";

  private final LossWindows windows = new LossWindows(WINDOW);
  private double best = Double.POSITIVE_INFINITY;
  private double before = Double.POSITIVE_INFINITY;
  private int growing;

  @Override
  public Optional<Finding> step(Sample sample) {
    if (!windows.add(sample.loss())) {
      return Optional.empty();
    }
    double mean = windows.mean();
    growing = mean > before ? growing + 1 : 0;
    before = mean;
    best = Math.min(best, mean);
    if (growing < GROWING || mean <= FACTOR * best) {
      return Optional.empty();
    }
    return Optional.of(
        new Finding(
            KIND,
            String.format(
                Locale.ROOT,
                "the mean loss has grown for %d steps, from %.3f at its best to %.3f",
                growing * WINDOW,
                best,
                mean),
            ADVICE));
  }

  @Override
  public Optional<Finding> evaluation(double loss) {
    return Double.isFinite(loss)
        ? Optional.empty()
        : Optional.of(new Finding(KIND, "the validation loss is " + loss, ADVICE));
  }
}
