package org.mobilefinetuner.data;

import java.util.Arrays;
import org.mobilefinetuner.kernel.Draws;

/**
 * Examples of like length together: the epoch's random order is cut into windows of fifty
 * micro-batches, each window is sorted by length and cut, and all micro-batches are shuffled.
 */
record LengthBatching(Examples examples, int batchSize) implements Batching {
  private static final int WINDOW = 50;

  @Override
  public int microBatches() {
    return ShuffledBatching.parts(examples.count(), batchSize);
  }

  @Override
  public Epoch epoch(long seed, int number) {
    int[] order = ExampleOrder.of(examples.count(), seed, number);
    long window = (long) WINDOW * batchSize;
    for (long from = 0; from < order.length; from += window) {
      sort(order, (int) from, (int) Math.min(order.length, from + window));
    }
    int[] batches = ExampleOrder.of(microBatches(), Draws.key(seed, WINDOW), number);
    return batch -> ShuffledBatching.part(order, batches[batch], batchSize);
  }

  /** Sorts a part of an order by length; those of the same length stay in their order. */
  private void sort(int[] order, int from, int to) {
    long[] keys = new long[to - from];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = ((long) examples.length(order[from + i]) << 32) | i;
    }
    Arrays.sort(keys);
    int[] before = Arrays.copyOfRange(order, from, to);
    for (int i = 0; i < keys.length; i++) {
      order[from + i] = before[(int) keys[i]];
    }
  }
}
