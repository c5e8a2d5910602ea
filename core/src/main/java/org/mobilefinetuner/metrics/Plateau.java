package org.mobilefinetuner.metrics;

import java.util.Locale;
import java.util.Optional;

/**
 * A loss that does not fall any more while much of the run is left: {@value #STILL} windows without
 * one that is {@value #PERCENT} % better than the best. A window has a twentieth of the run, at
 * least {@value #SHORTEST} steps.
 */
public final class Plateau implements Symptom {
  private static final int STILL = 4;
  private static final int SHORTEST = 50;
  private static final double PERCENT = 1;

  private final LossWindows windows;
  private final int width;
  private double best = Double.POSITIVE_INFINITY;
  private int still;

  /**
   * @param steps of the run
   */
  public Plateau(int steps) {
    this.width = Math.max(SHORTEST, steps / 20);
    this.windows = new LossWindows(width);
  }

  @Override
  public Optional<Finding> step(Sample sample) {
    if (!windows.add(sample.loss())) {
      return Optional.empty();
    }
    boolean better = windows.mean() < best * (1 - PERCENT / 100);
    still = better ? 0 : still + 1;
    best = Math.min(best, windows.mean());
    boolean muchLeft = sample.steps() - sample.step() > sample.steps() / 4;
    if (still < STILL || !muchLeft) {
      return Optional.empty();
    }
    return Optional.of(
        new Finding(
            "plateau",
            String.format(
                Locale.ROOT,
                "the loss has not fallen for %d steps; its mean is %.3f",
                still * width,
                windows.mean()),
            "the run may end here (Ctrl-C saves it), or try another --learning-rate, a higher"
                + " --lora-rank or more varied data"));
  }
}
