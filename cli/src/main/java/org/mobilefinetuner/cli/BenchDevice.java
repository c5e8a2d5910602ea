package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.measure.DeviceBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mft bench device}: what the machine is and how fast, in figures for others. */
@Command(
    name = "device",
    description = {
      "Measures products and a LoRA step of a small random model, in some 10 seconds, and says what",
      "machine it was. Needs no model. With --json, one object to be sent to others."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class BenchDevice implements Callable<Integer> {
  @Mixin private BackendOptions backend = new BackendOptions();

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "The name of the machine (default: what the system calls it).")
  private @Nullable String device;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    Path scratch = Path.of(System.getProperty("java.io.tmpdir"));
    try (Kernels kernels = backend.kernels()) {
      JsonObject result = new DeviceBenchmark(kernels, scratch, device).run();
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(result);
      } else {
        print(result, out);
      }
    }
    return 0;
  }

  private static void print(JsonObject result, PrintWriter out) throws FormatException {
    JsonObject machine = result.object("device");
    Object name = machine.get("name");
    out.printf(
        Locale.ROOT,
        "%s, %s, %s%n",
        name == null ? "Unknown device" : name,
        machine.string("os"),
        machine.string("arch"));
    out.println("cores    " + machine.get("cores"));
    out.println("features " + machine.get("cpu_features"));
    out.printf(
        Locale.ROOT,
        "memory   %,.0f MB%n",
        machine.get("memory_bytes") == null ? 0 : machine.number("memory_bytes") / 1e6);
    out.printf("%s, %d threads%n", result.string("backend"), result.integer("threads"));
    for (JsonObject product : result.objects("products")) {
      out.printf(
          Locale.ROOT,
          "%s %d x %d x %d: %.1f GFLOP/s%n",
          product.string("layout"),
          product.integer("m"),
          product.integer("k"),
          product.integer("n"),
          product.number("gflops"));
    }
    JsonObject step = result.object("step");
    out.printf(
        Locale.ROOT,
        "LoRA step of a %s, %d x %d: %.3f s, %.0f tokens/s, %.1f GFLOP/s%n",
        step.string("model"),
        step.integer("batch_size"),
        step.integer("max_seq_length"),
        step.number("seconds"),
        step.number("tokens_per_second"),
        step.number("gflops"));
    out.printf(
        Locale.ROOT,
        "peak memory %,.0f MB%n",
        result.get("peak_resident_bytes") == null ? 0 : result.number("peak_resident_bytes") / 1e6);
  }
}
