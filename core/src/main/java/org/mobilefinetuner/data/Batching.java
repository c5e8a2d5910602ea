package org.mobilefinetuner.data;

/**
 * How the examples of an epoch are dealt out to micro-batches: a function of seed and epoch alone,
 * with each example once.
 */
public interface Batching {
  /** How many micro-batches an epoch has. */
  int microBatches();

  /** The micro-batches of an epoch, which is counted from 0. */
  Epoch epoch(long seed, int number);

  /** The micro-batches of one epoch. */
  @FunctionalInterface
  interface Epoch {
    /** The examples of micro-batch {@code number}, from 0, by their indices. */
    int[] microBatch(int number);
  }

  /** Micro-batches of {@code batchSize} examples in random order; the last may have fewer. */
  static Batching shuffled(Examples examples, int batchSize) {
    return new ShuffledBatching(examples.count(), require(batchSize));
  }

  /**
   * Micro-batches of examples of like length, {@code batchSize} each, one with fewer; the order of
   * the micro-batches is random.
   */
  static Batching byLength(Examples examples, int batchSize) {
    return new LengthBatching(examples, require(batchSize));
  }

  /**
   * Micro-batches of {@code batchSize} bins in random order; the last may have fewer. A bin is some
   * whole examples of together at most {@code maxLength} tokens.
   */
  static Batching packed(Examples examples, int maxLength, int batchSize) {
    return new PackedBatching(Bins.of(examples, maxLength), require(batchSize));
  }

  private static int require(int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("expected a batch size of at least 1, found " + batchSize);
    }
    return batchSize;
  }
}
