package org.mobilefinetuner.plan;

import java.util.HashSet;
import java.util.Set;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.model.Flops;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.tensor.Numbers;

/**
 * What is to be trained, as far as memory goes.
 *
 * @param storedBytes of the model's files
 * @param adaptation of the model, or none if all weights are trained
 * @param batchSize sequences of a micro-batch
 * @param accumulation micro-batches of an optimizer step
 * @param length tokens of a sequence at most
 */
public record Workload(
    Model model,
    long storedBytes,
    Adaptation adaptation,
    int batchSize,
    int accumulation,
    int length) {
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
        model, storedBytes, adaptation, size, accumulation * (batchSize / size), length);
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
    long pieces = sharded.isEmpty() ? 0 : (long) Kind.values().length * Numbers.PIECE;
    return Float.BYTES * ((Kind.values().length - sharded.size()) * trainable() + pieces);
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
