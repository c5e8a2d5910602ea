package org.mobilefinetuner.data;

import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.model.Batch.Sequence;

/**
 * Deals the examples out to optimizer steps: epoch after epoch, each step {@code accumulation} of
 * the micro-batches that a {@link Batching} makes.
 *
 * <p>No example is dropped: the last step of an epoch may have fewer micro-batches.
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

  private final Examples examples;
  private final Batching batching;
  private final int accumulation;
  private final long seed;
  private Batching.Epoch order;
  private int epoch;
  private int at; // the next micro-batch of the epoch

  public StepLoader(Examples examples, Batching batching, int accumulation, long seed) {
    if (examples.count() < 1 || accumulation < 1) {
      throw new IllegalArgumentException(
          "expected at least one example and accumulation, found "
              + examples.count()
              + ", "
              + accumulation);
    }
    this.examples = examples;
    this.batching = batching;
    this.accumulation = accumulation;
    this.seed = seed;
    this.order = batching.epoch(seed, 0);
  }

  /** How many optimizer steps an epoch has. */
  public int stepsPerEpoch() {
    return ShuffledBatching.parts(batching.microBatches(), accumulation);
  }

  /** How many passes over the data the steps so far have made, with a fraction. */
  public double epochs() {
    return epoch + (double) at / batching.microBatches();
  }

  /** The next step. */
  public Step next() {
    int all = batching.microBatches();
    if (at == all) {
      begin(epoch + 1, 0);
    }
    List<List<Sequence>> batches = new ArrayList<>();
    while (batches.size() < accumulation && at < all) {
      List<Sequence> batch = new ArrayList<>();
      for (int index : order.microBatch(at)) {
        batch.add(examples.get(index));
      }
      batches.add(batch);
      at++;
    }
    return new Step(epoch, batches);
  }

  /** Passes over {@code steps} steps without reading an example. */
  public void skip(long steps) {
    if (steps < 0) {
      throw new IllegalArgumentException("expected steps to skip, found " + steps);
    }
    long perEpoch = stepsPerEpoch();
    long done = epoch * perEpoch + ShuffledBatching.parts(at, accumulation) + steps;
    if (done > 0) { // the end of an epoch, not the beginning of the next, as after next()
      int reached = Math.toIntExact((done - 1) / perEpoch);
      long inEpoch = (done - 1) % perEpoch + 1;
      begin(reached, (int) Math.min(batching.microBatches(), inEpoch * accumulation));
    }
  }

  private void begin(int number, int microBatch) {
    if (number != epoch) {
      order = batching.epoch(seed, number);
    }
    epoch = number;
    at = microBatch;
  }
}
