package org.mobilefinetuner.cli;

import java.util.Arrays;

/** Medians of what was measured. */
final class Medians {
  private Medians() {}

  /** The value in the middle, the larger one of two; {@code values} is not changed. */
  static double of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
