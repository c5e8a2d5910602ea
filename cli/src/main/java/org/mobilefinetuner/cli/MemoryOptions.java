package org.mobilefinetuner.cli;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.SystemMemory;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.plan.Allowances;
import org.mobilefinetuner.plan.MemoryPlan;
import org.mobilefinetuner.plan.MemoryPlanner;
import org.mobilefinetuner.plan.RuntimeCost;
import org.mobilefinetuner.tensor.Format;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How much memory a command may use, and what it may do to keep to it. */
final class MemoryOptions {
  /** What changes the bits of a run. */
  enum Allowed {
    MICRO_BATCH,
    BF16_BOUNDARIES,
    INT8,
    INT4,
    NOTHING;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Option(
      names = "--memory-budget",
      paramLabel = "SIZE",
      description = "Never use more memory than this, all of it counted, such as 600MB.")
  private @Nullable String budget;

  @Option(
      names = "--allow",
      split = ",",
      paramLabel = "WHAT",
      description = {
        "What may change the result's bits to keep to the budget: micro-batch (smaller ones, and",
        "more of them), bf16-boundaries (see --boundary-format), int8, int4 (a frozen base of this",
        "format, if nothing else fits), or nothing (default: micro-batch)."
      })
  private Set<Allowed> allowed = EnumSet.of(Allowed.MICRO_BATCH);

  @Option(
      names = "--boundary-format",
      paramLabel = "FORMAT",
      description = {
        "f32 or bf16: what segments' inputs are rounded to, so that those that are kept to run",
        "segments again take half the memory (default: f32)."
      })
  private @Nullable Format boundaries;

  /** The plan of that number of {@link MemoryPlanner#staircase}, for {@code bench memory}. */
  @Option(names = "--staircase-plan", paramLabel = "N", hidden = true)
  private @Nullable Integer staircasePlan;

  private boolean goesOn;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  boolean given() {
    return budget != null;
  }

  /** The format of the inputs of segments that was asked for, or that a plan has chosen. */
  Format boundaries() {
    Format format = boundaries == null ? Format.F32 : boundaries;
    if (format == Format.F16) {
      throw usage("expected --boundary-format f32 or bf16, found f16; bf16 takes no more memory");
    }
    return format;
  }

  /** Keeps what an earlier attempt had: as far as that was allowed, plans choose nothing else. */
  void keep(EarlierChoices earlier, TrainOptions options, FrozenOptions base) {
    if (allowed.contains(Allowed.MICRO_BATCH)
        && earlier.splits(options.batchSize, options.accumulation)) {
      options.batchSize = earlier.batchSize();
      options.accumulation = earlier.accumulation();
      allowed.remove(Allowed.MICRO_BATCH);
    }
    if (boundaries == null
        && (earlier.boundaries().equals("f32") || allowed.contains(Allowed.BF16_BOUNDARIES))) {
      boundaries = earlier.boundaries().equals("bf16") ? Format.BF16 : Format.F32;
    }
    goesOn = true;
    boolean unchanged = earlier.base().equals(FrozenFormat.AS_IS.toString());
    if (unchanged || allowed.stream().anyMatch(a -> a.toString().equals(earlier.base()))) {
      base.keep(earlier.base());
    }
  }

  /** The options with which another process makes plan {@code number} of the staircase. */
  List<String> planInStaircase(MemoryPlan plan, int number) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "--memory-budget",
                Long.toString(plan.totalBytes()),
                "--staircase-plan",
                Integer.toString(number),
                "--allow",
                allowed.stream().map(Allowed::toString).collect(Collectors.joining(","))));
    if (boundaries != null) {
      options.addAll(List.of("--boundary-format", boundaries.name()));
    }
    return options;
  }

  /** Takes what a plan has chosen. */
  void choose(MemoryPlan plan) {
    boundaries = plan.boundaries();
  }

  /**
   * The fastest plan within the budget.
   *
   * @throws ParameterException if there is none
   */
  MemoryPlan plan(Planning planning) {
    MemoryPlanner planner = planner(planning);
    if (staircasePlan != null) {
      return planner.staircase().get(staircasePlan);
    }
    long bytes = bytes();
    Optional<MemoryPlan> plan = planner.within(bytes);
    return plan.orElseThrow(
        () ->
            usage(
                "expected --memory-budget of at least "
                    + Bytes.megabytes(planner.smallest().totalBytes())
                    + " for this model, batch and length, found "
                    + budget
                    + "; raise it, "
                    + (goesOn ? "or begin anew in another --output-dir, " : "")
                    + allowance(planner, planning, bytes)
                    + "or use shorter sequences (--max-seq-length)"
                    + (planning.workload().full()
                        ? " or --method lora"
                        : " or fewer --lora-targets")));
  }

  /** What else would have to be allowed for a plan within a budget, as advice, or nothing. */
  private String allowance(MemoryPlanner planner, Planning planning, long bytes) {
    if (goesOn) {
      return ""; // what was chosen stays
    }
    List<Set<Allowed>> wider = new ArrayList<>();
    Set<Allowed> all = EnumSet.complementOf(EnumSet.of(Allowed.NOTHING));
    all.forEach(one -> wider.add(with(EnumSet.of(one))));
    wider.add(all);
    for (Set<Allowed> set : wider) {
      if (planner.allowing(allowances(planning, set)).within(bytes).isPresent()) {
        return "give --allow "
            + set.stream().map(Allowed::toString).collect(Collectors.joining(","))
            + ", ";
      }
    }
    return "";
  }

  private Set<Allowed> with(Set<Allowed> more) {
    Set<Allowed> union = EnumSet.copyOf(more);
    union.addAll(allowed);
    union.remove(Allowed.NOTHING);
    return union;
  }

  /** The fastest plan, of those that change no bits, for the memory that is free. */
  MemoryPlan available(Planning planning) {
    RuntimeCost runtime = planning.runtime();
    Allowances nothing =
        new Allowances(false, EnumSet.of(boundaries()), List.of(FrozenFormat.AS_IS));
    MemoryPlanner planner = new MemoryPlanner(planning.workload(), runtime, nothing);
    long heap = Runtime.getRuntime().maxMemory() + runtime.nativeBytes();
    long free = Math.min(heap, new SystemMemory().availableBytes().orElse(Long.MAX_VALUE));
    return planner.within(free).orElseGet(planner::smallest);
  }

  /** What to say if Java has not been given the plan's limits. */
  Optional<String> limit(MemoryPlan plan) {
    long most = Runtime.getRuntime().maxMemory();
    long heap = plan.heapWithin(bytes());
    return most <= heap + heap / 20
        ? Optional.empty()
        : Optional.of(
            "Java may take a heap of "
                + Bytes.megabytes(most)
                + ", the budget allows "
                + Bytes.megabytes(heap)
                + ": start with ./mft, or with -Xmx"
                + heap / (1L << 20)
                + "m, to be sure to stay within the budget");
  }

  /** Makes plans that change what is allowed and was left open. */
  MemoryPlanner planner(Planning planning) {
    return new MemoryPlanner(
        planning.workload(), planning.runtime(), allowances(planning, allowed));
  }

  private Allowances allowances(Planning planning, Set<Allowed> allowed) {
    List<FrozenFormat> bases = new ArrayList<>(planning.bases());
    bases.removeIf(base -> base == FrozenFormat.INT8 && !allowed.contains(Allowed.INT8));
    bases.removeIf(base -> base == FrozenFormat.INT4 && !allowed.contains(Allowed.INT4));
    Set<Format> inputs = EnumSet.of(boundaries());
    if (boundaries == null && allowed.contains(Allowed.BF16_BOUNDARIES)) {
      inputs.add(Format.BF16);
    }
    return new Allowances(allowed.contains(Allowed.MICRO_BATCH), inputs, bases);
  }

  /** What of a plan changes bits, as far as it was not asked for, and why it may. */
  Optional<String> changes(MemoryPlan plan, Planning planning) {
    List<String> changes = new ArrayList<>();
    if (plan.batchSize() < planning.workload().batchSize()) {
      changes.add(
          "micro-batches of "
              + plan.batchSize()
              + " in place of "
              + planning.workload().batchSize()
              + " (--allow micro-batch)");
    }
    if (plan.boundaries() != boundaries()) {
      changes.add("segments' inputs in bf16, the fastest way that fits (--allow bf16-boundaries)");
    }
    if (plan.base() != FrozenFormat.AS_IS) {
      changes.add(
          "a base of "
              + plan.base()
              + ", as no plan fits with the one there is (--allow "
              + plan.base()
              + ")");
    }
    return changes.isEmpty()
        ? Optional.empty()
        : Optional.of("To keep to the budget, with other bits: " + String.join("; ", changes));
  }

  long bytes() {
    return Bytes.parse(String.valueOf(budget))
        .orElseThrow(
            () ->
                usage("expected --memory-budget such as 600MB or 1.5GB, found \"" + budget + "\""));
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
