package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.plan.MemoryPlan;
import org.mobilefinetuner.plan.MemoryPlanner;
import org.mobilefinetuner.plan.Workload;
import org.mobilefinetuner.tensor.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mft plan}: how much memory a run needs, and what it costs to need less. */
@Command(
    name = "plan",
    description = {
      "Shows how much memory a training run needs, and what it costs to need less.",
      "The weights are not loaded."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  private static final int CALIBRATION = 40; // products, of which the first ones are compiled
  private static final double BESIDES = 1.25; // a step for its products: norms, attention, packing

  @Mixin private ModelOptions modelOptions = new ModelOptions();

  @Mixin private WorkloadOptions options = new WorkloadOptions();
  @Mixin private MemoryOptions memory = new MemoryOptions();
  @Mixin private FrozenOptions base = new FrozenOptions();
  @Mixin private BackendOptions backend = new BackendOptions();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    try (ModelFolder folder = ModelFolder.open(modelOptions.model);
        Kernels kernels = backend.kernels()) {
      Planning planning = options.planning(folder, base, backend);
      Workload workload = planning.workload();
      MemoryPlanner planner = memory.planner(planning);
      @Nullable MemoryPlan chosen = memory.given() ? memory.plan(planning) : null;
      Plans plans =
          new Plans(
              workload, planner.staircase(), others(planning), chosen, seconds(workload, kernels));
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(object(plans));
      } else {
        print(out, plans);
        if (chosen != null) {
          memory.changes(chosen, planning).ifPresent(out::println);
        }
      }
    }
    return 0;
  }

  /**
   * What is shown.
   *
   * @param all from the plan that gives nothing up to the smallest
   * @param others the first and the last of them if gradients were clipped, or not
   * @param seconds of a step that gives nothing up
   */
  private record Plans(
      Workload workload,
      List<MemoryPlan> all,
      List<MemoryPlan> others,
      @Nullable MemoryPlan chosen,
      double seconds) {}

  /**
   * Without clipping, full fine-tuning can update a segment at once: the price of the other way.
   */
  private List<MemoryPlan> others(Planning planning) {
    Workload workload = planning.workload();
    Workload other = workload.clipping(!workload.clips());
    if (!workload.updatesAtOnce() && !other.updatesAtOnce()) {
      return List.of();
    }
    MemoryPlanner planner = memory.planner(planning.with(other));
    return List.of(planner.fastest(), planner.smallest());
  }

  /** Of a step that gives nothing up: its arithmetic at the speed of this machine's products. */
  private static double seconds(Workload workload, Kernels kernels) {
    int tokens = Math.min(workload.batchSize() * workload.length(), 256);
    double rate = flopsPerSecond(kernels, tokens, Math.min(workload.model().width(), 1024), 1024);
    return workload.flops() / rate * BESIDES;
  }

  private static double flopsPerSecond(Kernels kernels, int rows, int in, int out) {
    Tensor x = Tensor.zeros(rows, in).fill(0.5f);
    Tensor w = Tensor.zeros(out, in).fill(0.25f);
    Tensor y = Tensor.zeros(rows, out);
    long best = Long.MAX_VALUE;
    for (int i = 0; i < CALIBRATION; i++) {
      long before = System.nanoTime();
      kernels.productNT(1, x, w, 0, y);
      best = Math.min(best, System.nanoTime() - before);
    }
    return 2.0 * rows * in * out / (best * 1e-9);
  }

  private JsonObject object(Plans plans) {
    Workload workload = plans.workload;
    return JsonObject.empty()
        .put("model", workload.model().type())
        .put("method", options.method.name().toLowerCase(Locale.ROOT))
        .put("trainable", workload.trainable())
        .put("batch_size", workload.batchSize())
        .put("grad_accumulation_steps", workload.accumulation())
        .put("max_seq_length", workload.length())
        .put("clips", workload.clips())
        .put("plans", objects(plans.all, plans.seconds))
        .put(
            workload.clips() ? "plans_without_clipping" : "plans_with_clipping",
            objects(plans.others, plans.seconds))
        .put("chosen", plans.chosen == null ? null : object(plans.chosen, plans.seconds));
  }

  private static List<JsonObject> objects(List<MemoryPlan> plans, double seconds) {
    List<JsonObject> all = new ArrayList<>();
    plans.forEach(plan -> all.add(object(plan, seconds)));
    return all;
  }

  private static JsonObject object(MemoryPlan plan, double seconds) {
    return JsonObject.empty()
        .put("total_bytes", plan.totalBytes())
        .put("values_bytes", plan.arenaBytes())
        .put("trained_bytes", plan.trainedBytes())
        .put("model_bytes", plan.mappedBytes())
        .put("java_heap_bytes", plan.runtime().heapBytes())
        .put("java_native_bytes", plan.runtime().nativeBytes())
        .put("batch_size", plan.batchSize())
        .put("grad_accumulation_steps", plan.accumulation())
        .put("kept_tapes", plan.tapes())
        .put("inputs_on_disk", plan.spills())
        .put(
            "on_disk",
            plan.sharded().stream().map(kind -> kind.name().toLowerCase(Locale.ROOT)).toList())
        .put("logits_bytes", plan.logits().bytes())
        .put("logits_by_columns", plan.logits().byColumns())
        .put("weights_in_file", plan.streams())
        .put("resident_bytes", plan.residentBytes())
        .put("boundary_format", plan.boundaries().name().toLowerCase(Locale.ROOT))
        .put("base_format", plan.base() == FrozenFormat.AS_IS ? null : plan.base().toString())
        .put("scratch_file_bytes", plan.scratchBytes())
        .put("updated_at_once", plan.atOnce())
        .put("seconds_per_step", seconds * plan.relativeTime());
  }

  private void print(PrintWriter out, Plans plans) {
    Workload workload = plans.workload;
    out.printf(
        Locale.ROOT,
        "%s, %s: %,d parameters, %,d trainable; steps of %d x %d sequences of %d tokens%n%n",
        workload.model().type(),
        options.method.name().toLowerCase(Locale.ROOT),
        workload.model().parameters(),
        workload.trainable(),
        workload.accumulation(),
        workload.batchSize(),
        workload.length());
    Table table =
        new Table(
            ">memory", ">values", ">trained", ">model", ">Java", ">s/step", "micro-batch", "how");
    plans.all.forEach(plan -> row(table, plan, workload, plans.seconds));
    if (!plans.others.isEmpty()) {
      table.row("", "", "", "", "", "", "", "");
      plans.others.forEach(plan -> row(table, plan, workload, plans.seconds));
    }
    if (plans.chosen != null) {
      table.row("", "", "", "", "", "", "", "");
      row(table, plans.chosen, workload, plans.seconds);
    }
    table.print(out);
    if (!plans.others.isEmpty()) {
      out.println(
          "\nThe second group is the fastest and the smallest plan with --max-grad-norm "
              + (workload.clips() ? "0." : "1."));
    }
    if (plans.chosen != null) {
      out.println("\nThe last line is the fastest plan within the budget.");
    }
  }

  private static void row(Table table, MemoryPlan plan, Workload workload, double seconds) {
    table.row(
        Bytes.megabytes(plan.totalBytes()),
        Bytes.megabytes(plan.arenaBytes()),
        Bytes.megabytes(plan.trainedBytes()),
        Bytes.megabytes(plan.mappedBytes()),
        Bytes.megabytes(plan.runtime().heapBytes() + plan.runtime().nativeBytes()),
        String.format(Locale.ROOT, "%.1f", seconds * plan.relativeTime()),
        plan.accumulation() + " x " + plan.batchSize(),
        PlannedMemory.how(plan, workload.model().segments().size() - 1));
  }
}
