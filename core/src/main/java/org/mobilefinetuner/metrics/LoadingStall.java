package org.mobilefinetuner.metrics;

import java.util.Locale;
import java.util.Optional;

/**
 * Steps that wait for what they read: more than half of the time of {@value #WINDOW} steps in a
 * row.
 */
public final class LoadingStall implements Symptom {
  private static final int WINDOW = 20;

  private long elapsedNanos;
  private long loadNanos;
  private int count;

  @Override
  public Optional<Finding> step(Sample sample) {
    elapsedNanos += sample.elapsedNanos();
    loadNanos += sample.loadNanos();
    count++;
    if (count < WINDOW) {
      return Optional.empty();
    }
    double share = loadNanos / (double) Math.max(1, elapsedNanos);
    count = 0;
    elapsedNanos = 0;
    loadNanos = 0;
    return share > 0.5
        ? Optional.of(
            new Finding(
                "loading-stall",
                String.format(
                    Locale.ROOT,
                    "%.0f %% of the time of the last %d steps went into reading",
                    share * 100,
                    WINDOW),
                "put the data, the model and TMPDIR on a faster disk, or give a larger"
                    + " --memory-budget"))
        : Optional.empty();
  }
}
