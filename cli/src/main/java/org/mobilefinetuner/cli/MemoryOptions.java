package org.mobilefinetuner.cli;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.SystemMemory;
import org.mobilefinetuner.plan.MemoryPlan;
import org.mobilefinetuner.plan.MemoryPlanner;
import org.mobilefinetuner.plan.RuntimeCost;
import org.mobilefinetuner.plan.Workload;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How much memory a command may use, and what it may do to keep to it. */
final class MemoryOptions {
  /** What changes the bits of a run. */
  enum Allowed {
    MICRO_BATCH,
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
        "What may change the result's bits to keep to the budget:",
        "micro-batch (smaller ones, and more of them) or nothing",
        "(default: micro-batch)."
      })
  private Set<Allowed> allowed = Set.of(Allowed.MICRO_BATCH);

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  boolean given() {
    return budget != null;
  }

  /**
   * The fastest plan within the budget.
   *
   * @throws ParameterException if there is none
   */
  MemoryPlan plan(Workload workload, int threads) {
    MemoryPlanner planner = planner(workload, threads);
    long bytes = bytes();
    Optional<MemoryPlan> plan = planner.within(bytes);
    return plan.orElseThrow(
        () ->
            usage(
                "expected --memory-budget of at least "
                    + Bytes.megabytes(planner.smallest().totalBytes())
                    + " for this model, batch and length, found "
                    + budget
                    + "; raise it, or use shorter sequences (--max-seq-length)"
                    + (workload.full() ? " or --method lora" : " or fewer --lora-targets")));
  }

  /** The fastest plan, of those that change no bits, for the memory that is free. */
  MemoryPlan available(Workload workload, int threads) {
    RuntimeCost runtime = RuntimeCost.launched(threads);
    MemoryPlanner planner = new MemoryPlanner(workload, runtime, false);
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

  MemoryPlanner planner(Workload workload, int threads) {
    return new MemoryPlanner(
        workload, RuntimeCost.launched(threads), allowed.contains(Allowed.MICRO_BATCH));
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
