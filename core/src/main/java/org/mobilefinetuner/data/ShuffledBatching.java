package org.mobilefinetuner.data;

import java.util.Arrays;

/** Examples in random order. */
record ShuffledBatching(int examples, int batchSize) implements Batching {
  @Override
  public int microBatches() {
    return parts(examples, batchSize);
  }

  @Override
  public Epoch epoch(long seed, int number) {
    int[] order = ExampleOrder.of(examples, seed, number);
    return batch -> part(order, batch, batchSize);
  }

  /** How many parts of {@code size} there are of {@code count}, the last perhaps smaller. */
  static int parts(int count, int size) {
    return (int) (((long) count + size - 1) / size);
  }

  /** Part {@code number} of an order that is cut into parts of {@code size}. */
  static int[] part(int[] order, int number, int size) {
    long from = (long) number * size;
    return Arrays.copyOfRange(order, (int) from, (int) Math.min(order.length, from + size));
  }
}
