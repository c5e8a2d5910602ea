package org.mobilefinetuner.cli.report;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Chooses some rows of many so that a curve through them looks like one through all: of each bucket
 * of rows those with its smallest and its largest value.
 */
final class Thinning {
  private Thinning() {}

  /**
   * @param rows how many there are
   * @param value what is drawn of a row; NaN for nothing
   * @param most how many may be chosen, at least 4
   * @return the rows, ascending, with the first and the last
   */
  static int[] rows(int rows, IntToDoubleFunction value, int most) {
    if (rows <= most) {
      return IntStream.range(0, rows).toArray();
    }
    int buckets = (most - 2) / 2;
    IntStream.Builder chosen = IntStream.builder().add(0);
    for (int bucket = 0; bucket < buckets; bucket++) {
      int from = (int) ((long) rows * bucket / buckets);
      int to = (int) ((long) rows * (bucket + 1) / buckets);
      int smallest = from;
      int largest = from;
      for (int row = from; row < to; row++) {
        double v = value.applyAsDouble(row);
        double least = value.applyAsDouble(smallest);
        double greatest = value.applyAsDouble(largest);
        smallest = Double.isNaN(least) || v < least ? row : smallest;
        largest = Double.isNaN(greatest) || v > greatest ? row : largest;
      }
      chosen.add(smallest).add(largest);
    }
    return chosen.add(rows - 1).build().sorted().distinct().toArray();
  }
}
