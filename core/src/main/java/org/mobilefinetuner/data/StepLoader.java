package org.mobilefinetuner.data;

import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.model.Batch.Sequence;

/**
 * Deals the examples out to optimizer steps: epoch after epoch, each in its own order, each step
 * {@code accumulation} micro-batches of {@code batchSize} sequences.
 *
 * <p>No example is dropped: the last step of an epoch may have fewer micro-batches, and the last
 * micro-batch fewer sequences.
 */
public final class StepLoader {
  /** The micro-batches of one optimizer step. */
  public record Step(int epoch, List<List<Sequence>> microBatches) {
    /** The tokens that are predicted in all micro-batches together. */
    public long supervised() {
      long count = 0;
      for (List<Sequence> batch : microBatches) {
        for (Sequence s : batch) {
          count += s.supervised();
        }
      }
      return count;
    }

    public long tokens() {
      long count = 0;
      for (List<Sequence> batch : microBatches) {
        for (Sequence s : batch) {
          count += s.ids().length;
        }
      }
      return count;
    }
  }

  private final List<Sequence> examples;
  private final int batchSize;
  private final int accumulation;
  private final long seed;
  private int[] order;
  private int epoch;
  private int at;

  public StepLoader(List<Sequence> examples, int batchSize, int accumulation, long seed) {
    if (examples.isEmpty() || batchSize < 1 || accumulation < 1) {
      throw new IllegalArgumentException(
          "expected at least one example, batch and accumulation, found "
              + examples.size()
              + ", "
              + batchSize
              + ", "
              + accumulation);
    }
    this.examples = examples;
    this.batchSize = batchSize;
    this.accumulation = accumulation;
    this.seed = seed;
    this.order = ExampleOrder.of(examples.size(), seed, 0);
  }

  /** How many optimizer steps an epoch of {@code examples} has. */
  public static int stepsPerEpoch(int examples, int batchSize, int accumulation) {
    int perStep = Math.multiplyExact(batchSize, accumulation);
    return Math.floorDiv(examples + perStep - 1, perStep);
  }

  public Step next() {
    if (at == order.length) {
      epoch++;
      at = 0;
      order = ExampleOrder.of(examples.size(), seed, epoch);
    }
    List<List<Sequence>> batches = new ArrayList<>();
    while (batches.size() < accumulation && at < order.length) {
      List<Sequence> batch = new ArrayList<>();
      while (batch.size() < batchSize && at < order.length) {
        batch.add(examples.get(order[at++]));
      }
      batches.add(batch);
    }
    return new Step(epoch, batches);
  }
}
