package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.mobilefinetuner.eval.GoldenCheck;
import org.mobilefinetuner.eval.GoldenCheck.Verdict;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mft verify}: compares values and gradients with those of a reference file. */
@Command(
    name = "verify",
    description = {
      "Compares logits, hidden states, loss and every gradient with a reference file.",
      "",
      "With --adapter the gradients are those of the adapter, without those of all weights."
          + " Exit code 1 if anything differs or nothing was compared."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private AdapterOptions adapterOptions = new AdapterOptions();

  @Option(
      names = "--golden",
      required = true,
      paramLabel = "FILE",
      description = "Safetensors with input_ids and what a reference computed from them.")
  private Path golden = Path.of("");

  @Mixin private BackendOptions backend = new BackendOptions();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    try (ModelFolder folder = ModelFolder.open(modelOptions.model);
        Safetensors reference = Safetensors.open(golden);
        Kernels kernels = backend.kernels()) {
      LoadedWeights weights =
          adapterOptions.adapter == null ? folder.trainable() : adapterOptions.load(folder);
      ModelFolder.requireFinite(weights);
      GoldenCheck.Report report = GoldenCheck.run(weights, reference, kernels);
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(object(report, kernels));
      } else {
        print(report, kernels, out);
      }
      return report.passed() ? 0 : 1;
    }
  }

  private static JsonObject object(GoldenCheck.Report report, Kernels kernels) {
    List<JsonObject> rows = new ArrayList<>();
    for (GoldenCheck.Row row : report.rows()) {
      rows.add(
          JsonObject.empty()
              .put("quantity", row.quantity())
              .put("max_abs_error", row.maxError())
              .put("relative_error", row.relativeError())
              .put("bound", row.bound())
              .put("bound_on", row.relative() ? "relative" : "absolute")
              .put("verdict", row.verdict().toString()));
    }
    return JsonObject.empty()
        .put("passed", report.passed())
        .put("pass", report.count(Verdict.PASS))
        .put("fail", report.count(Verdict.FAIL))
        .put("not_in_file", report.count(Verdict.NOT_IN_FILE))
        .put("backend", kernels.name())
        .put("threads", kernels.threads())
        .put("quantities", rows);
  }

  private static void print(GoldenCheck.Report report, Kernels kernels, PrintWriter out) {
    Table table = new Table("quantity", ">max abs error", ">relative", ">bound", "result");
    for (GoldenCheck.Row row : report.rows()) {
      table.row(
          row.quantity(),
          number(row.maxError()),
          number(row.relativeError()),
          number(row.bound()) + (row.relative() ? " rel" : " abs"),
          row.verdict().toString());
    }
    table.print(out);
    int pass = report.count(Verdict.PASS);
    int fail = report.count(Verdict.FAIL);
    out.printf(
        "%n%s: %d pass, %d fail, %d not in file; %s, %d threads%n",
        report.passed() ? "PASS" : pass + fail == 0 ? "NOTHING COMPARED" : "FAIL",
        pass,
        fail,
        report.count(Verdict.NOT_IN_FILE),
        kernels.name(),
        kernels.threads());
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.1e", value);
  }
}
