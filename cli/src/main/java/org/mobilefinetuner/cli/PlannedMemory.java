package org.mobilefinetuner.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
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
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "Memory plan: %s (values %s, trained %s, model pages %s, Java %s); micro-batches of"
                + " %d, %d to a step",
            Bytes.megabytes(plan.totalBytes()),
            Bytes.megabytes(plan.arenaBytes()),
            Bytes.megabytes(plan.trainedBytes()),
            Bytes.megabytes(plan.mappedBytes()),
            Bytes.megabytes(plan.runtime().heapBytes() + plan.runtime().nativeBytes()),
            plan.batchSize(),
            plan.accumulation()));
    int again = Math.max(0, segments - plan.tapes());
    line.append(again == 0 ? "" : "; " + again + " of " + segments + " segments run twice");
    line.append(plan.spills() ? ", their inputs on disk" : "");
    line.append(plan.streams() ? "; weights stay in their file" : "");
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    if (spill != null) {
      spill.close();
    }
  }
}
