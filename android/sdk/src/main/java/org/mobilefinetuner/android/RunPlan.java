package org.mobilefinetuner.android;

import java.io.IOException;
import java.util.Optional;
import org.mobilefinetuner.memory.Shards;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.plan.Allowances;
import org.mobilefinetuner.plan.MemoryPlan;
import org.mobilefinetuner.plan.MemoryPlanner;
import org.mobilefinetuner.plan.RuntimeCost;
import org.mobilefinetuner.plan.Workload;

/**
 * How a run is made within a device's limits. Immutable; making one takes a moment, so not on the
 * main thread.
 *
 * @param workload what was asked for
 * @param memory how it is done; its micro-batches may be smaller, and more
 */
public record RunPlan(Workload workload, MemoryPlan memory) {
  private static final long MIB = 1 << 20;

  /** The most of the model's files that counts as ours: the system takes the rest back. */
  private static final long MAPPED = 24 * MIB;

  /** What the runtime takes besides the values that are computed with: an estimate for ART. */
  private static final long NATIVE = 64 * MIB;

  private static final long SHORT_LIVED = 16 * MIB;
  private static final long SCRATCH_PER_THREAD = 2 * MIB;

  /**
   * Plans a run.
   *
   * @throws IOException if the model cannot be read
   * @throws IllegalArgumentException if there is no way within the limits, or the settings do not
   *     suit the model
   */
  public static RunPlan of(FineTuningSettings settings, MemoryLimits limits) throws IOException {
    try (ModelFolder folder = ModelFolder.open(settings.model())) {
      return of(folder, settings, limits);
    }
  }

  static RunPlan of(ModelFolder folder, FineTuningSettings settings, MemoryLimits limits)
      throws IOException {
    Workload workload = workload(folder, settings);
    long heap = SHORT_LIVED + SCRATCH_PER_THREAD * settings.threads() + limits.appBytes();
    MemoryPlanner planner =
        new MemoryPlanner(workload, new RuntimeCost(NATIVE, heap), Allowances.MICRO_BATCHES);
    long mapped = workload.full() ? 0 : Math.min(MAPPED, workload.storedBytes());
    // no plan has less outside the heap than this, so that its heap is within the limit
    long most = limits.heapBytes() + mapped + NATIVE;
    long budget = settings.memoryBudget() == 0 ? most : Math.min(most, settings.memoryBudget());
    Optional<MemoryPlan> plan = workload.full() ? inFiles(planner, budget) : planner.within(budget);
    return new RunPlan(
        workload,
        plan.orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected at least "
                        + megabytes(planner.smallest().totalBytes())
                        + " MB for this model, batch and length, found "
                        + megabytes(budget)
                        + " MB; use shorter sequences, a smaller batch or LoRA, or ask for"
                        + " android:largeHeap")));
  }

  private static long megabytes(long bytes) {
    return (bytes + 999_999) / 1_000_000;
  }

  /** The first plan that leaves all that is trained in files. */
  private static Optional<MemoryPlan> inFiles(MemoryPlanner planner, long budget) {
    return planner.staircase().stream()
        .filter(plan -> plan.sharded().contains(Shards.Kind.WEIGHT))
        .filter(plan -> plan.totalBytes() <= budget)
        .findFirst();
  }

  private static Workload workload(ModelFolder folder, FineTuningSettings settings)
      throws IOException {
    int positions = folder.model().positions();
    int length = settings.length(positions);
    if (length > positions) {
      throw new IllegalArgumentException(
          "expected max_seq_length of at most the model's "
              + positions
              + " positions, found "
              + length);
    }
    return new Workload(
        folder.model(),
        folder.storedBytes(),
        Adaptations.planned(settings, ModelFolder.sites(folder.model())),
        settings.batchSize(),
        settings.accumulation(),
        length);
  }
}
