package org.mobilefinetuner.data;

/** Bins of examples in random order. */
record PackedBatching(Bins bins, int batchSize) implements Batching {
  @Override
  public int microBatches() {
    return ShuffledBatching.parts(bins.count(), batchSize);
  }

  @Override
  public Epoch epoch(long seed, int number) {
    int[] order = ExampleOrder.of(bins.count(), seed, number);
    return batch -> bins.examples(ShuffledBatching.part(order, batch, batchSize));
  }
}
