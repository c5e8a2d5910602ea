package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.adapter.TargetModules;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.plan.Adaptation;
import org.mobilefinetuner.plan.MemoryPlan;
import org.mobilefinetuner.plan.Workload;
import picocli.CommandLine;
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

  @Option(
      names = {"--batch-size", "--per-device-train-batch-size"},
      paramLabel = "N",
      description = "Sequences of a step (default: 8).")
  private int batchSize = 8;

  @Option(
      names = {"--max-seq-length", "--max-length", "--cutoff-len", "--ctx"},
      paramLabel = "N",
      description = "Tokens of a sequence (default: 128).")
  private int length = 128;

  @Option(
      names = {"--lora-targets", "--lora-target-modules", "--lora-modules"},
      split = ",",
      paramLabel = "NAME",
      description = "Modules to adapt, such as c_attn,c_proj (default: all-linear).")
  private List<String> targets = List.of(TargetModules.ALL_LINEAR);

  @Option(names = "--steps", paramLabel = "N", description = "Steps to measure (default: 3).")
  private int steps = 3;

  @Mixin private MemoryOptions memory = new MemoryOptions();
  @Mixin private BackendOptions backend = new BackendOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    out.println("| | predicted | peak memory | s/step | tokens/s |");
    out.println("|---|---:|---:|---:|---:|");
    int segments;
    List<MemoryPlan> plans;
    try (ModelFolder folder = ModelFolder.open(modelOptions.model)) {
      segments = folder.model().segments().size() - 1;
      plans = memory.planner(workload(folder), backend.threads()).staircase();
    }
    for (MemoryPlan plan : plans) {
      JsonObject measured = measure(plan);
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

  private Workload workload(ModelFolder folder) throws IOException {
    try {
      List<Site> sites = TargetModules.of(targets, ModelFolder.sites(folder.model())).sites();
      return new Workload(
          folder.model(),
          folder.storedBytes(),
          new Adaptation(sites, 8, false, 0),
          batchSize,
          1,
          length);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private JsonObject measure(MemoryPlan plan) throws IOException, InterruptedException {
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
                Integer.toString(batchSize),
                "--max-seq-length",
                Integer.toString(length),
                "--lora-targets",
                String.join(",", targets),
                "--steps",
                Integer.toString(steps),
                "--threads",
                Integer.toString(backend.threads()),
                "--memory-budget",
                Long.toString(plan.totalBytes())));
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
