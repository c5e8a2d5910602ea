package org.mobilefinetuner.optim;

import java.util.Locale;

/**
 * How the learning rate changes over a run: a linear warm-up from 0, then a shape.
 *
 * <p>The same numbers as transformers' {@code get_*_schedule_with_warmup}; step counts from 0.
 *
 * @param peak the rate after the warm-up
 * @param warmup steps of warm-up
 * @param total steps of the run
 */
public record Schedule(Shape shape, float peak, int warmup, int total) {
  /** What follows the warm-up. */
  public enum Shape {
    CONSTANT,
    /** Straight down to 0 at the end. */
    LINEAR,
    /** Half a cosine wave down to 0 at the end. */
    COSINE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Schedule {
    if (!(peak >= 0 && peak <= Float.MAX_VALUE) || warmup < 0 || total < 0) {
      throw new IllegalArgumentException(
          "expected a rate and steps of 0 or more, found " + peak + ", " + warmup + ", " + total);
    }
  }

  /** The learning rate of step number {@code step}, from 0. */
  public float rate(int step) {
    if (step < warmup) {
      return (float) (peak * ((double) step / Math.max(1, warmup)));
    }
    double progress = (double) (step - warmup) / Math.max(1, total - warmup);
    double factor =
        switch (shape) {
          case CONSTANT -> 1;
          case LINEAR -> Math.max(0, 1 - progress);
          case COSINE -> Math.max(0, 0.5 * (1 + StrictMath.cos(Math.PI * progress)));
        };
    return (float) (peak * factor);
  }
}
