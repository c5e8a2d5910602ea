package org.mobilefinetuner.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.memory.SpillFile;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.plan.MemoryPlan;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/** A memory plan put into practice; owns the scratch file that it may need. */
final class PlannedMemory implements Closeable {
  private final Keep keep;
  private final Arena arena;
  private final @Nullable SpillFile spill;

  private PlannedMemory(Keep keep, Arena arena, @Nullable SpillFile spill) {
    this.keep = keep;
    this.arena = arena;
    this.spill = spill;
  }

  /** As much as there is. */
  static PlannedMemory unlimited(Keep keep) {
    return new PlannedMemory(keep, Arena.unbounded(), null);
  }

  /**
   * What is planned and no more.
   *
   * @param weights the model's, which are told to let go of what has been read if planned so
   * @param scratch the folder of the scratch file, which must be on a disk
   * @param length tokens of a sequence at most
   */
  static PlannedMemory of(MemoryPlan plan, LoadedWeights weights, Path scratch, int length)
      throws IOException {
    if (plan.streams()) {
      weights.stream(new MappedPages());
    }
    long boundary = (long) plan.batchSize() * length * weights.model().width();
    SpillFile spill =
        plan.spills() ? new SpillFile(scratch.resolve("inputs.tmp"), boundary) : null;
    return new PlannedMemory(
        new Keep(plan.tapes(), spill), Arena.ofBytes(plan.arenaBytes(), plan.chunkBytes()), spill);
  }

  Keep keep() {
    return keep;
  }

  Arena arena() {
    return arena;
  }

  /** One line that says what was chosen. */
  static String describe(MemoryPlan plan, int segments) {
    return String.format(
        Locale.ROOT,
        "Memory plan: %s (values %s, trained %s, model %s, Java %s), steps of %d x %d sequences; %s",
        Bytes.megabytes(plan.totalBytes()),
        Bytes.megabytes(plan.arenaBytes()),
        Bytes.megabytes(plan.trainedBytes()),
        Bytes.megabytes(plan.mappedBytes()),
        Bytes.megabytes(plan.runtime().heapBytes() + plan.runtime().nativeBytes()),
        plan.accumulation(),
        plan.batchSize(),
        how(plan, segments));
  }

  /** What a plan gives up, in words. */
  static String how(MemoryPlan plan, int segments) {
    List<String> parts = new ArrayList<>();
    int again = Math.max(0, segments - plan.tapes());
    if (again > 0) {
      parts.add(
          (again == segments ? "all" : again + " of " + segments)
              + " segments run twice"
              + (plan.spills() ? ", their inputs on disk" : ""));
    }
    if (plan.streams()) {
      parts.add("weights stay in their file");
    }
    return parts.isEmpty() ? "everything in memory" : String.join("; ", parts);
  }

  @Override
  public void close() throws IOException {
    if (spill != null) {
      spill.close();
    }
  }
}
