package org.mobilefinetuner.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Pieces;
import org.mobilefinetuner.train.StepRehearsal;

/**
 * Finds the fastest way to train that fits a budget.
 *
 * <p>What can be given up, from cheap to dear: the model's pages once they are read, the tapes of
 * some or all segments, rows of logits at a time or their columns, inputs in memory, sequences of a
 * micro-batch, with as many more micro-batches, and, where all weights are trained, the optimizer's
 * state, gradients and weights in memory. What is left of the budget then keeps a part of the
 * model's pages. None of it changes the bits of a step but smaller micro-batches, which add up the
 * same gradients in another order, and inputs in bfloat16. If nothing fits, the base may be
 * converted to another format. Such {@link Allowances} are the user's to make.
 */
public final class MemoryPlanner {
  private static final long STREAMED = 24 << 20; // the most of a file that is in memory, by measure
  private static final long SPARE = 32 << 20; // of a budget: for data, rather than pages to keep
  private static final long ALL = Long.MAX_VALUE; // of the model's files
  private static final double BYTES_PER_SECOND = 1e9; // of a disk, or the pages that stand for it
  private static final double FLOPS_PER_SECOND = 2e11; // of two cores
  private static final double SPILLING = 0.03; // of a step's time, for inputs in a file
  private static final double ROUNDING = 0.005; // the same, for inputs in bfloat16
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
  private final Allowances allowed;
  private final StepRehearsal rehearsal;
  private final Map<Rehearsed, Long> arenas;

  /** What the bytes of an arena depend on. */
  private record Rehearsed(Choice choice, int batchSize) {}

  /**
   * @param allowed what may change the bits; another format of the base only where it is frozen
   */
  public MemoryPlanner(Workload workload, RuntimeCost runtime, Allowances allowed) {
    this(workload, runtime, allowed, new StepRehearsal(workload.shapes()), new HashMap<>());
  }

  private MemoryPlanner(
      Workload workload,
      RuntimeCost runtime,
      Allowances allowed,
      StepRehearsal rehearsal,
      Map<Rehearsed, Long> arenas) {
    this.workload = workload;
    this.runtime = runtime;
    this.allowed = allowed;
    this.rehearsal = rehearsal;
    this.arenas = arenas;
  }

  /** A planner for the same work that may choose something else; it rehearses nothing twice. */
  public MemoryPlanner allowing(Allowances other) {
    return new MemoryPlanner(workload, runtime, other, rehearsal, arenas);
  }

  /**
   * The fastest plan of at most {@code budgetBytes}, or none if even the smallest is larger. The
   * base has the first of the allowed formats that has such a plan.
   */
  public Optional<MemoryPlan> within(long budgetBytes) {
    for (FrozenFormat base : bases()) {
      MemoryPlan all = fastest(base);
      if (all.totalBytes() <= budgetBytes) {
        return Optional.of(all);
      }
      Optional<MemoryPlan> fastest =
          candidates(base, budgetBytes).stream()
              .filter(plan -> plan.totalBytes() <= budgetBytes)
              .min(Comparator.comparingDouble(MemoryPlan::relativeTime));
      if (fastest.isPresent()) {
        return fastest;
      }
      MemoryPlan smallest = smallest(base);
      if (smallest.totalBytes() <= budgetBytes) {
        return Optional.of(smallest);
      }
    }
    return Optional.empty();
  }

  /** The plan that needs least. */
  public MemoryPlan smallest() {
    return bases().stream()
        .map(this::smallest)
        .min(Comparator.comparingLong(MemoryPlan::totalBytes))
        .orElseThrow();
  }

  private MemoryPlan smallest(FrozenFormat base) {
    MemoryPlan smallest = fastest(base);
    for (Workload split : splits()) {
      for (Choice choice : choices(base)) {
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
    return fastest(allowed.bases().get(0));
  }

  private MemoryPlan fastest(FrozenFormat base) {
    return plan(workload, nothing(base));
  }

  private Choice nothing(FrozenFormat base) {
    boolean exact = allowed.boundaries().contains(Format.F32);
    Format boundaries = exact ? Format.F32 : Format.BF16;
    return new Choice(segments(), false, boundaries, LOGIT_ROWS[0], ALL, sharded(0), base);
  }

  private List<FrozenFormat> bases() {
    return workload.full() ? List.of(FrozenFormat.AS_IS) : allowed.bases();
  }

  /**
   * From the plan that gives nothing up to the smallest, giving up one thing more at each step:
   * pages of the files, half of the tapes, all tapes, inputs in memory and rows of logits, and
   * last, if allowed, the size of the micro-batch and the format of the base.
   */
  public List<MemoryPlan> staircase() {
    Choice all = nothing(bases().get(0)).streaming();
    Choice smallest =
        workload.full()
            ? all.withTapes(0).withSharded(sharded(SHARDED.size() - 1)).spilled(BY_COLUMNS)
            : all.withTapes(0).spilled(fewestLogits());
    List<MemoryPlan> plans = new ArrayList<>();
    plans.add(fastest());
    if (workload.full()) {
      for (int i = 1; i < SHARDED.size(); i++) {
        all = all.withSharded(sharded(i)).withRows(logits(i)[0]);
        plans.add(plan(workload, all));
      }
    } else {
      plans.add(plan(workload, all));
    }
    plans.add(plan(workload, all.withTapes(segments() / 2)));
    plans.add(plan(workload, all.withTapes(0)));
    if (allowed.boundaries().size() > 1) {
      plans.add(plan(workload, all.withTapes(0).withBoundaries(Format.BF16)));
    }
    plans.add(plan(workload, smallest));
    Workload split = allowed.microBatches() ? workload.inMicroBatchesOf(1) : workload;
    if (split.batchSize() < workload.batchSize()) {
      plans.add(plan(split, smallest));
    }
    for (FrozenFormat base : bases().subList(1, bases().size())) {
      plans.add(plan(split, smallest.withBase(base)));
    }
    return plans;
  }

  /** The rows of logits with which a step that gives up all else needs least. */
  private int fewestLogits() {
    Choice all = nothing(bases().get(0)).streaming().withTapes(0);
    Comparator<Integer> bytes =
        Comparator.comparingLong(rows -> plan(workload, all.spilled(rows)).totalBytes());
    Comparator<Integer> time =
        Comparator.comparingDouble(rows -> relativeTime(workload, all.spilled(rows)));
    return Arrays.stream(LOGIT_ROWS).boxed().min(bytes.thenComparing(time)).orElseThrow();
  }

  private static Set<Kind> sharded(int level) {
    return SHARDED.get(level);
  }

  /** What is given up. */
  private record Choice(
      int tapes,
      boolean spills,
      Format boundaries,
      int rows,
      long resident,
      Set<Kind> sharded,
      FrozenFormat base) {
    Choice withTapes(int number) {
      return new Choice(number, spills, boundaries, rows, resident, sharded, base);
    }

    Choice withBoundaries(Format format) {
      return new Choice(tapes, spills, format, rows, resident, sharded, base);
    }

    Choice withRows(int number) {
      return new Choice(tapes, spills, boundaries, number, resident, sharded, base);
    }

    Choice spilled(int rowsOfLogits) {
      return new Choice(tapes, true, boundaries, rowsOfLogits, resident, sharded, base);
    }

    Choice streaming() {
      return keeping(0);
    }

    /** With some bytes of the model's files in memory. */
    Choice keeping(long bytes) {
      return new Choice(tapes, spills, boundaries, rows, bytes, sharded, base);
    }

    Choice withSharded(Set<Kind> kinds) {
      return new Choice(tapes, spills, boundaries, rows, resident, kinds, base);
    }

    Choice withBase(FrozenFormat format) {
      return new Choice(tapes, spills, boundaries, rows, resident, sharded, format);
    }

    boolean byColumns() {
      return rows == BY_COLUMNS;
    }
  }

  /** Plans that give something up. */
  private List<MemoryPlan> candidates(FrozenFormat base, long budgetBytes) {
    List<MemoryPlan> plans = new ArrayList<>();
    for (Workload split : splits()) {
      for (Choice choice : choices(base)) {
        int most = choice.spills ? 0 : mostTapes(split, choice, budgetBytes);
        plans.add(plan(split, choice.withTapes(most)));
        if (!workload.full()) {
          plans.addAll(resident(split, choice.withTapes(most), budgetBytes));
        }
      }
    }
    return plans;
  }

  /** Plans that keep pages in what they leave of a budget, and in the place of some tapes. */
  private List<MemoryPlan> resident(Workload split, Choice choice, long budgetBytes) {
    List<MemoryPlan> plans = new ArrayList<>();
    IntStream thirds = IntStream.rangeClosed(0, 3).map(i -> choice.tapes * i / 3).distinct();
    for (int tapes : thirds.toArray()) {
      Choice fewer = choice.withTapes(tapes);
      long left = budgetBytes - plan(split, fewer).totalBytes() - SPARE;
      if (left > 0) {
        plans.add(plan(split, fewer.keeping(left)));
      }
    }
    return plans;
  }

  /** The same step in all allowed sizes of micro-batches, the largest first. */
  private List<Workload> splits() {
    List<Workload> all = new ArrayList<>(List.of(workload));
    for (int size = workload.batchSize() - 1; allowed.microBatches() && size >= 1; size--) {
      if (workload.batchSize() % size == 0) {
        all.add(workload.inMicroBatchesOf(size));
      }
    }
    return all;
  }

  /** What can be given up, whatever the number of tapes. */
  private List<Choice> choices(FrozenFormat base) {
    List<Choice> all = new ArrayList<>();
    for (int level = 0; level < (workload.full() ? SHARDED.size() : 1); level++) {
      for (int rows : logits(level)) {
        for (Format boundaries : allowed.boundaries()) {
          Choice kept =
              nothing(base)
                  .streaming()
                  .withTapes(0)
                  .withSharded(sharded(level))
                  .withBoundaries(boundaries)
                  .withRows(rows);
          all.add(kept);
          all.add(kept.spilled(rows));
        }
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

  private long arenaBytes(Workload split, Choice choice, Pieces logits) {
    Rehearsed step =
        new Rehearsed(choice.streaming().withBase(FrozenFormat.AS_IS), split.batchSize());
    return arenas.computeIfAbsent(
        step,
        s ->
            rehearsal.arenaBytes(
                choice.tapes,
                choice.spills,
                choice.boundaries,
                choice.sharded,
                split.updatesAtOnce(),
                split.batchSize(),
                split.length(),
                logits));
  }

  private MemoryPlan plan(Workload split, Choice choice) {
    Pieces logits =
        choice.byColumns()
            ? new Pieces(COLUMN_BYTES, true)
            : new Pieces(4L * choice.rows * workload.model().vocabulary(), false);
    long arena = arenaBytes(split, choice, logits);
    long trained = split.trainedBytes(choice.sharded);
    long stored = workload.full() ? 0 : workload.storedBytes(choice.base); // all is read, once
    long resident = Math.min(choice.resident, stored);
    return new MemoryPlan(
        split.batchSize(),
        split.accumulation(),
        choice.tapes,
        choice.spills,
        choice.boundaries,
        choice.sharded,
        logits,
        resident,
        choice.base,
        arena,
        trained,
        Math.min(resident + STREAMED, stored),
        runtime.beside(arena + trained, !choice.sharded.isEmpty()),
        split.shardedBytes(choice.sharded)
            + (choice.spills ? inputBytes(split, choice.boundaries) : 0),
        split.updatesAtOnce(),
        relativeTime(split, choice));
  }

  /** Of the inputs of all segments but the first, which has none. */
  private long inputBytes(Workload split, Format boundaries) {
    long tokens = (long) split.batchSize() * split.length();
    return boundaries.bytes() * tokens * split.model().width() * segments();
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
            * (1 + again * transfer(choice));
    double product = 2.0 * whole * workload.accumulation() * table(workload.model());
    return step
        + (choice.byColumns() ? product / workload.flops() : 0)
        + inSteps(readBytes(split, choice) + transferBytes(split, choice));
  }

  /** The part of a step that putting inputs aside takes. */
  private static double transfer(Choice choice) {
    boolean rounded = choice.boundaries == Format.BF16;
    return (rounded ? ROUNDING : 0) + (choice.spills ? rounded ? SPILLING / 2 : SPILLING : 0);
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
    double whole = workload.storedBytes(choice.base);
    if (workload.full() || choice.resident >= whole) {
      return 0;
    }
    Model model = workload.model();
    double stored = whole - choice.resident;
    double head = stored * Math.min(1, table(model) / model.parameters());
    double tokens = (double) split.batchSize() * split.length();
    double again = 1 - Math.min(1.0, (double) choice.tapes / segments());
    double heads = choice.byColumns() ? 2 : 2 * Math.ceil(tokens / choice.rows);
    return split.accumulation() * (heads * head + (2 + again) * (stored - head));
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
