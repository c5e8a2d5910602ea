package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.plan.MemoryPlan;
import org.mobilefinetuner.plan.Workload;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code mft bench memory}: what each technique of saving memory saves and costs, one added per
 * row. Each row is a process of its own, so that its peak can be told.
 */
@Command(
    name = "memory",
    description = "Measures what each technique of saving memory saves and costs.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class BenchMemory implements Callable<Integer> {
  @Mixin private ModelOptions modelOptions = new ModelOptions();

  @Mixin private WorkloadOptions options = new WorkloadOptions();

  @Option(names = "--steps", paramLabel = "N", description = "Steps to measure (default: 3).")
  private int steps = 3;

  @Mixin private MemoryOptions memory = new MemoryOptions();
  @Mixin private FrozenOptions base = new FrozenOptions();
  @Mixin private BackendOptions backend = new BackendOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    out.println("| | predicted | peak memory | s/step | tokens/s |");
    out.println("|---|---:|---:|---:|---:|");
    int segments;
    Workload workload;
    List<MemoryPlan> plans;
    try (ModelFolder folder = ModelFolder.open(modelOptions.model)) {
      segments = folder.model().segments().size() - 1;
      Planning planning = options.planning(folder, base, backend);
      workload = planning.workload();
      plans = memory.planner(planning).staircase();
    }
    for (int i = 0; i < plans.size(); i++) {
      MemoryPlan plan = plans.get(i);
      JsonObject measured = measure(memory.planInStaircase(plan, i), workload);
      out.printf(
          Locale.ROOT,
          "| %s | %s | %s | %.2f | %.0f |%n",
          PlannedMemory.how(plan, segments)
              + (plan.accumulation() > 1 ? "; micro-batches of " + plan.batchSize() : ""),
          Bytes.megabytes(plan.totalBytes()),
          Bytes.megabytes((long) measured.number("peak_rss_bytes")),
          measured.number("seconds_per_step"),
          measured.number("tokens_per_second"));
      out.flush();
    }
    return 0;
  }

  private JsonObject measure(List<String> plan, Workload workload)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("mft.home", "."), "mft").toString(),
                "bench",
                "step",
                "--json",
                "--model",
                modelOptions.model.toString(),
                "--batch-size",
                Integer.toString(workload.batchSize() * workload.accumulation()),
                "--max-seq-length",
                Integer.toString(workload.length()),
                "--method",
                options.method.name(),
                "--lora-rank",
                Integer.toString(options.rank),
                "--lora-targets",
                String.join(",", options.targets),
                "--base-format",
                base.format().toString(),
                "--max-grad-norm",
                Float.toString(options.maxGradNorm),
                "--steps",
                Integer.toString(steps)));
    command.addAll(backend.options());
    command.addAll(plan);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException(String.join(" ", command) + " failed with exit code " + code);
    }
    return JsonObject.parse("bench step", printed.strip());
  }
}
