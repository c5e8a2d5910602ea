package org.mobilefinetuner.plan;

import java.util.HashSet;
import java.util.Set;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.model.Flops;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.WeightSpec;
import org.mobilefinetuner.tensor.Numbers;

/**
 * What is to be trained, as far as memory goes.
 *
 * @param storedBytes of the model's files
 * @param adaptation of the model, or none if all weights are trained
 * @param batchSize sequences of a micro-batch
 * @param accumulation micro-batches of an optimizer step
 * @param length tokens of a sequence at most
 * @param clips whether gradients are clipped by their global norm
 */
public record Workload(
    Model model,
    long storedBytes,
    Adaptation adaptation,
    int batchSize,
    int accumulation,
    int length,
    boolean clips) {
  /** A step whose gradients are clipped, as they usually are. */
  public Workload(
      Model model,
      long storedBytes,
      Adaptation adaptation,
      int batchSize,
      int accumulation,
      int length) {
    this(model, storedBytes, adaptation, batchSize, accumulation, length, true);
  }

  public Workload {
    if (batchSize < 1 || accumulation < 1 || length < 2 || storedBytes < 0) {
      throw new IllegalArgumentException(
          "expected a batch size and accumulation of at least 1 and 2 tokens, found "
              + batchSize
              + ", "
              + accumulation
              + ", "
              + length);
    }
  }

  /** Whether all weights are trained. */
  public boolean full() {
    return adaptation.sites().isEmpty();
  }

  /** The same optimizer step in micro-batches of {@code size} sequences, a divisor of the batch. */
  Workload inMicroBatchesOf(int size) {
    return new Workload(
        model, storedBytes, adaptation, size, accumulation * (batchSize / size), length, clips);
  }

  /** The same with or without clipping. */
  public Workload clipping(boolean newClips) {
    return new Workload(model, storedBytes, adaptation, batchSize, accumulation, length, newClips);
  }

  /** Whether a segment's weights can be updated before the gradients of all others are there. */
  public boolean updatesAtOnce() {
    return full() && !clips && accumulation == 1;
  }

  /** The bytes of the model's files if its weights are converted to {@code base}. */
  long storedBytes(FrozenFormat base) {
    return base == FrozenFormat.AS_IS ? storedBytes : base.bytes(model);
  }

  /** The numbers that are trained. */
  public long trainable() {
    return full() ? model.parameters() : adaptation.trainable();
  }

  /**
   * The bytes in memory of what is trained, its gradients and the optimizer's state.
   *
   * @param sharded what of it is in a file
   */
  long trainedBytes(Set<Kind> sharded) {
    long numbers = sharded.isEmpty() ? 0 : (long) Kind.values().length * Numbers.PIECE;
    for (Kind kind : Kind.values()) {
      numbers += sharded.contains(kind) ? 0 : numbers(kind);
    }
    return Float.BYTES * numbers;
  }

  /** The bytes of what of it is in a file. */
  long shardedBytes(Set<Kind> sharded) {
    long numbers = 0;
    for (Kind kind : sharded) {
      numbers += numbers(kind);
    }
    return Float.BYTES * numbers;
  }

  /** How many there are; of gradients that are applied at once, only those of tables are kept. */
  private long numbers(Kind kind) {
    if (kind != Kind.GRADIENT || !updatesAtOnce()) {
      return trainable();
    }
    long sum = 0;
    for (WeightSpec spec : model.weights()) {
      sum += spec.isTable() ? spec.size() : 0;
    }
    return sum;
  }

  /** The floating-point operations of an optimizer step that runs nothing twice. */
  public double flops() {
    Set<String> sites = new HashSet<>();
    adaptation.sites().forEach(site -> sites.add(site.name()));
    long tokens = (long) batchSize * length;
    int lowest = shapes().lowestTrainable();
    return accumulation
        * Flops.ofStep(model, lowest, full(), sites, adaptation.rank(), tokens, length);
  }

  /** The weights, without values. */
  public LoadedWeights shapes() {
    LoadedWeights shapes = LoadedWeights.shapes(model, full());
    for (Site site : adaptation.sites()) {
      shapes.adapt(site.name(), adaptation.shape(site));
    }
    return shapes;
  }
}
