package org.mobilefinetuner.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.mobilefinetuner.train.StepRehearsal;

/**
 * Finds the fastest way to train that fits a budget.
 *
 * <p>What can be given up, from cheap to dear: the model's pages once they are read, the tapes of
 * some or all segments, rows of logits at a time, inputs in memory, and sequences of a micro-batch,
 * with as many more micro-batches. None of it changes the bits of a step but the last, which adds
 * up the same gradients in another order.
 */
public final class MemoryPlanner {
  private static final long STREAMED = 24 << 20; // the most of a file that is in memory, by measure
  private static final int[] LOGIT_ROWS = {128, 64, 32};

  private final Workload workload;
  private final RuntimeCost runtime;
  private final boolean splits;
  private final StepRehearsal rehearsal;

  /**
   * @param splits whether a micro-batch may be made smaller than asked for
   */
  public MemoryPlanner(Workload workload, RuntimeCost runtime, boolean splits) {
    this.workload = workload;
    this.runtime = runtime;
    this.splits = splits;
    this.rehearsal = new StepRehearsal(workload.shapes());
  }

  /** The fastest plan of at most {@code budgetBytes}, or none if even the smallest is larger. */
  public Optional<MemoryPlan> within(long budgetBytes) {
    return candidates(budgetBytes).stream()
        .filter(plan -> plan.totalBytes() <= budgetBytes)
        .min(Comparator.comparingDouble(MemoryPlan::relativeTime));
  }

  /** The plan that needs least. */
  public MemoryPlan smallest() {
    return candidates(0).stream()
        .min(Comparator.comparingLong(MemoryPlan::totalBytes))
        .orElseThrow();
  }

  /** The plan that gives nothing up. */
  public MemoryPlan fastest() {
    return plan(workload, segments(), false, LOGIT_ROWS[0], false);
  }

  /**
   * From the plan that gives nothing up to the smallest, giving up one thing more at each step:
   * pages of the files, half of the tapes, all tapes, inputs in memory and rows of logits, and last,
   * if allowed, the size of the micro-batch.
   */
  public List<MemoryPlan> staircase() {
    int few = LOGIT_ROWS[LOGIT_ROWS.length - 1];
    List<MemoryPlan> plans = new ArrayList<>();
    plans.add(fastest());
    plans.add(plan(workload, segments(), false, LOGIT_ROWS[0], true));
    plans.add(plan(workload, segments() / 2, false, LOGIT_ROWS[0], true));
    plans.add(plan(workload, 0, false, LOGIT_ROWS[0], true));
    plans.add(plan(workload, 0, true, few, true));
    if (splits && workload.batchSize() > 1) {
      plans.add(plan(workload.inMicroBatchesOf(1), 0, true, few, true));
    }
    return plans;
  }

  private List<MemoryPlan> candidates(long budgetBytes) {
    List<MemoryPlan> plans = new ArrayList<>(List.of(fastest()));
    for (int size = workload.batchSize(); size >= 1; size--) {
      if (workload.batchSize() % size != 0 || size < workload.batchSize() && !splits) {
        continue;
      }
      Workload split = workload.inMicroBatchesOf(size);
      for (int rows : LOGIT_ROWS) {
        plans.add(plan(split, mostTapes(split, rows, budgetBytes), false, rows, true));
        plans.add(plan(split, 0, true, rows, true));
      }
    }
    return plans;
  }

  /** The number of tapes with which a plan just fits, or 0. */
  private int mostTapes(Workload split, int rows, long budgetBytes) {
    int fits = 0;
    int tooMany = segments() + 1;
    while (fits + 1 < tooMany) {
      int tapes = (fits + tooMany) / 2;
      if (plan(split, tapes, false, rows, true).totalBytes() <= budgetBytes) {
        fits = tapes;
      } else {
        tooMany = tapes;
      }
    }
    return fits;
  }

  private MemoryPlan plan(Workload split, int tapes, boolean spills, int rows, boolean streams) {
    long chunk = 4L * rows * workload.model().vocabulary();
    long arena =
        rehearsal.arenaBytes(tapes, spills, split.batchSize(), split.length(), chunk);
    return new MemoryPlan(
        split.batchSize(),
        split.accumulation(),
        tapes,
        spills,
        chunk,
        streams,
        arena,
        workload.trainedBytes(),
        mapped(streams),
        runtime,
        relativeTime(split, tapes, spills, rows, streams));
  }

  private long mapped(boolean streams) {
    if (workload.full()) {
      return 0; // read once, to float32 numbers
    }
    return streams ? Math.min(STREAMED, workload.storedBytes()) : workload.storedBytes();
  }

  /** Rough, but in the right order: fitted to the measurements in docs/performance.md. */
  private double relativeTime(
      Workload split, int tapes, boolean spills, int rows, boolean streams) {
    double again = 1 - Math.min(1.0, (double) tapes / segments());
    double passes = workload.full() ? 3 : 2;
    double tokens = (double) split.batchSize() * split.length();
    double whole = (double) workload.batchSize() * workload.length();
    return (1 + again / passes)
        * (1 + 48 / tokens)
        / (1 + 48 / whole)
        * (1 + 6.0 / rows)
        / (1 + 6.0 / LOGIT_ROWS[0])
        * (spills ? 1.03 : 1)
        * (streams ? 1.03 : 1);
  }

  private int segments() {
    return workload.model().segments().size() - 1;
  }
}
