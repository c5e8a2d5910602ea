package org.mobilefinetuner.data;

import org.mobilefinetuner.kernel.Draws;

/** The order in which the examples of an epoch are seen: a function of seed and epoch alone. */
public final class ExampleOrder {
  private ExampleOrder() {}

  /** A permutation of 0 to {@code count} (Fisher and Yates). */
  public static int[] of(int count, long seed, int epoch) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    long key = Draws.key(seed, epoch);
    for (int i = count - 1; i > 0; i--) {
      int j = (int) Math.floorMod(Draws.key(key, i), (long) i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    return order;
  }
}
