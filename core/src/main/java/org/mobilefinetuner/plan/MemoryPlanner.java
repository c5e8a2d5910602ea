package org.mobilefinetuner.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.tensor.Pieces;
import org.mobilefinetuner.train.StepRehearsal;

/**
 * Finds the fastest way to train that fits a budget.
 *
 * <p>What can be given up, from cheap to dear: the model's pages once they are read, the tapes of
 * some or all segments, rows of logits at a time or their columns, inputs in memory, sequences of a
 * micro-batch, with as many more micro-batches, and, where all weights are trained, the optimizer's
 * state, gradients and weights in memory. None of it changes the bits of a step but the last, which
 * adds up the same gradients in another order.
 */
public final class MemoryPlanner {
  private static final long STREAMED = 24 << 20; // the most of a file that is in memory, by measure
  private static final double BYTES_PER_SECOND = 1e9; // of a disk, or the pages that stand for it
  private static final double FLOPS_PER_SECOND = 2e11; // of two cores
  private static final int BY_COLUMNS = 0; // in place of a number of rows
  private static final int[] LOGIT_ROWS = {512, 256, 128, 64, 32, BY_COLUMNS};
  private static final long COLUMN_BYTES = 8 << 20; // of logits, if there are all rows at a time

  /** What is put in a file, step by step: what is touched once a step first. */
  private static final List<Set<Kind>> SHARDED =
      List.of(
          EnumSet.noneOf(Kind.class),
          EnumSet.of(Kind.MEAN, Kind.SQUARE),
          EnumSet.of(Kind.MEAN, Kind.SQUARE, Kind.GRADIENT),
          EnumSet.allOf(Kind.class));

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
    Optional<MemoryPlan> fastest =
        candidates(budgetBytes).stream()
            .filter(plan -> plan.totalBytes() <= budgetBytes)
            .min(Comparator.comparingDouble(MemoryPlan::relativeTime));
    return fastest.isPresent()
        ? fastest
        : Optional.of(smallest()).filter(plan -> plan.totalBytes() <= budgetBytes);
  }

  /** The plan that needs least. */
  public MemoryPlan smallest() {
    MemoryPlan smallest = fastest();
    for (Workload split : splits()) {
      for (Choice choice : choices()) {
        for (int tapes = 0; tapes <= (choice.spills ? 0 : segments()); tapes++) {
          MemoryPlan plan = plan(split, choice.withTapes(tapes));
          smallest = plan.totalBytes() < smallest.totalBytes() ? plan : smallest;
        }
      }
    }
    return smallest;
  }

  /** The plan that gives nothing up. */
  public MemoryPlan fastest() {
    return plan(workload, new Choice(segments(), false, LOGIT_ROWS[0], false, SHARDED.get(0)));
  }

  /**
   * From the plan that gives nothing up to the smallest, giving up one thing more at each step:
   * pages of the files, half of the tapes, all tapes, inputs in memory and rows of logits, and
   * last, if allowed, the size of the micro-batch.
   */
  public List<MemoryPlan> staircase() {
    int many = LOGIT_ROWS[0];
    Choice smallest =
        workload.full()
            ? new Choice(0, true, BY_COLUMNS, true, sharded(SHARDED.size() - 1))
            : new Choice(0, true, fewestLogits(), true, sharded(0));
    List<MemoryPlan> plans = new ArrayList<>();
    plans.add(fastest());
    if (workload.full()) {
      for (int i = 1; i < SHARDED.size(); i++) {
        many = logits(i)[0];
        plans.add(plan(workload, new Choice(segments(), false, many, true, sharded(i))));
      }
    } else {
      plans.add(plan(workload, new Choice(segments(), false, many, true, sharded(0))));
    }
    plans.add(plan(workload, new Choice(segments() / 2, false, many, true, smallest.sharded)));
    plans.add(plan(workload, new Choice(0, false, many, true, smallest.sharded)));
    plans.add(plan(workload, smallest));
    if (splits && workload.batchSize() > 1) {
      plans.add(plan(workload.inMicroBatchesOf(1), smallest));
    }
    return plans;
  }

  /** The rows of logits with which a step that gives up all else needs least. */
  private int fewestLogits() {
    Comparator<Integer> bytes =
        Comparator.comparingLong(
            rows -> plan(workload, new Choice(0, true, rows, true, sharded(0))).totalBytes());
    Comparator<Integer> time =
        Comparator.comparingDouble(
            rows -> relativeTime(workload, new Choice(0, true, rows, true, sharded(0))));
    return Arrays.stream(LOGIT_ROWS).boxed().min(bytes.thenComparing(time)).orElseThrow();
  }

  private static Set<Kind> sharded(int level) {
    return SHARDED.get(level);
  }

  /** What is given up. */
  private record Choice(int tapes, boolean spills, int rows, boolean streams, Set<Kind> sharded) {
    Choice withTapes(int number) {
      return new Choice(number, spills, rows, streams, sharded);
    }

    boolean byColumns() {
      return rows == BY_COLUMNS;
    }
  }

  private List<MemoryPlan> candidates(long budgetBytes) {
    List<MemoryPlan> plans = new ArrayList<>(List.of(fastest()));
    for (Workload split : splits()) {
      for (Choice choice : choices()) {
        int tapes = choice.spills ? 0 : mostTapes(split, choice, budgetBytes);
        plans.add(plan(split, choice.withTapes(tapes)));
      }
    }
    return plans;
  }

  /** The same step in all allowed sizes of micro-batches, the largest first. */
  private List<Workload> splits() {
    List<Workload> all = new ArrayList<>(List.of(workload));
    for (int size = workload.batchSize() - 1; splits && size >= 1; size--) {
      if (workload.batchSize() % size == 0) {
        all.add(workload.inMicroBatchesOf(size));
      }
    }
    return all;
  }

  /** What can be given up, whatever the number of tapes. */
  private List<Choice> choices() {
    List<Choice> all = new ArrayList<>();
    for (int level = 0; level < (workload.full() ? SHARDED.size() : 1); level++) {
      for (int rows : logits(level)) {
        all.add(new Choice(0, false, rows, true, sharded(level)));
        all.add(new Choice(0, true, rows, true, sharded(level)));
      }
    }
    return all;
  }

  /**
   * Rows of logits. If their table is trained, the bits of its gradient depend on their number; if
   * it is in a file, some of its rows are in memory at a time, and as many columns of logits.
   */
  private int[] logits(int level) {
    if (!workload.full()) {
      return LOGIT_ROWS;
    }
    return sharded(level).contains(Kind.WEIGHT)
        ? new int[] {BY_COLUMNS}
        : new int[] {LOGIT_ROWS[0], BY_COLUMNS};
  }

  /** The number of tapes with which a plan just fits, or 0. */
  private int mostTapes(Workload split, Choice choice, long budgetBytes) {
    int fits = 0;
    int tooMany = segments() + 1;
    while (fits + 1 < tooMany) {
      int tapes = (fits + tooMany) / 2;
      if (plan(split, choice.withTapes(tapes)).totalBytes() <= budgetBytes) {
        fits = tapes;
      } else {
        tooMany = tapes;
      }
    }
    return fits;
  }

  private MemoryPlan plan(Workload split, Choice choice) {
    Pieces logits =
        choice.byColumns()
            ? new Pieces(COLUMN_BYTES, true)
            : new Pieces(4L * choice.rows * workload.model().vocabulary(), false);
    long arena =
        rehearsal.arenaBytes(
            choice.tapes,
            choice.spills,
            choice.sharded,
            split.updatesAtOnce(),
            split.batchSize(),
            split.length(),
            logits);
    long trained = split.trainedBytes(choice.sharded);
    return new MemoryPlan(
        split.batchSize(),
        split.accumulation(),
        choice.tapes,
        choice.spills,
        choice.sharded,
        logits,
        choice.streams,
        arena,
        trained,
        mapped(choice.streams),
        runtime.beside(arena + trained, !choice.sharded.isEmpty()),
        split.shardedBytes(choice.sharded) + (choice.spills ? inputBytes(split) : 0),
        split.updatesAtOnce(),
        relativeTime(split, choice));
  }

  /** Of the inputs of all segments but the first, which has none. */
  private long inputBytes(Workload split) {
    long tokens = (long) split.batchSize() * split.length();
    return Float.BYTES * tokens * split.model().width() * segments();
  }

  private long mapped(boolean streams) {
    if (workload.full()) {
      return 0; // read once, to float32 numbers
    }
    return streams ? Math.min(STREAMED, workload.storedBytes()) : workload.storedBytes();
  }

  /** Rough, but in the right order: fitted to the measurements in docs/performance.md. */
  private double relativeTime(Workload split, Choice choice) {
    double again = 1 - Math.min(1.0, (double) choice.tapes / segments());
    double passes = workload.full() ? 3 : 2;
    double tokens = (double) split.batchSize() * split.length();
    double whole = (double) workload.batchSize() * workload.length();
    double step =
        (1 + again / passes)
            * (1 + 48 / tokens)
            / (1 + 48 / whole)
            * (choice.byColumns() ? 1 : (1 + 6.0 / choice.rows) / (1 + 6.0 / LOGIT_ROWS[0]))
            * (choice.spills ? 1.03 : 1);
    double product = 2.0 * whole * workload.accumulation() * table(workload.model());
    return step
        + (choice.byColumns() ? product / workload.flops() : 0)
        + inSteps(readBytes(split, choice) + transferBytes(split, choice));
  }

  private static double table(Model model) {
    return (double) model.vocabulary() * model.width();
  }

  /** The time that a transfer takes, in units of a whole step. */
  private double inSteps(double bytes) {
    return bytes / BYTES_PER_SECOND / (workload.flops() / FLOPS_PER_SECOND);
  }

  /** What is read again of the model's files: the table of the head for every piece of logits. */
  private double readBytes(Workload split, Choice choice) {
    if (workload.full() || !choice.streams) {
      return 0;
    }
    Model model = workload.model();
    double head = workload.storedBytes() * Math.min(1, table(model) / model.parameters());
    double tokens = (double) split.batchSize() * split.length();
    double again = 1 - Math.min(1.0, (double) choice.tapes / segments());
    double heads = choice.byColumns() ? 2 : 2 * Math.ceil(tokens / choice.rows);
    return split.accumulation() * (heads * head + (2 + again) * (workload.storedBytes() - head));
  }

  /** Of trained numbers between file and memory. */
  private static double transferBytes(Workload split, Choice choice) {
    double bytes = 1.5 * split.shardedBytes(choice.sharded);
    for (Kind kind : choice.sharded) {
      int passes = kind == Kind.WEIGHT ? 3 : kind == Kind.GRADIENT ? 2 : 0;
      bytes += (double) passes * split.accumulation() * split.shardedBytes(EnumSet.of(kind));
    }
    return bytes;
  }

  private int segments() {
    return workload.model().segments().size() - 1;
  }
}
