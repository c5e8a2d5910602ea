package org.mobilefinetuner.android.shell;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.android.DeviceBackends;
import org.mobilefinetuner.android.FineTunedModel;
import org.mobilefinetuner.eval.GoldenCheck;
import org.mobilefinetuner.eval.GoldenCheck.Verdict;
import org.mobilefinetuner.generate.Sampling;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;

/** {@code eval}, {@code verify} and {@code generate}. */
final class ModelCommands {
  private final PrintStream out;

  ModelCommands(PrintStream out) {
    this.out = out;
  }

  void eval(Arguments arguments) throws IOException {
    Path model = arguments.path("model");
    @Nullable Path adapter = arguments.pathOrNull("adapter");
    Path data = arguments.path("data");
    int context = arguments.whole("context", 512);
    arguments.requireNoMore();
    try (FineTunedModel opened = FineTunedModel.open(model, adapter)) {
      out.printf(Locale.ROOT, "perplexity %.4f%n", opened.perplexity(data, context));
    }
  }

  /** Whether the device computes what a reference has computed; prints what differs. */
  boolean verify(Arguments arguments) throws IOException {
    Path model = arguments.path("model");
    @Nullable Path adapter = arguments.pathOrNull("adapter");
    Path golden = arguments.path("golden");
    int threads = arguments.whole("threads", Runtime.getRuntime().availableProcessors());
    arguments.requireNoMore();
    try (ModelFolder folder = ModelFolder.open(model);
        Safetensors reference = Safetensors.open(golden);
        Kernels kernels = DeviceBackends.best(threads)) {
      LoadedWeights weights = adapter == null ? folder.trainable() : folder.adapted(adapter);
      ModelFolder.requireFinite(weights);
      GoldenCheck.Report report = GoldenCheck.run(weights, reference, kernels);
      for (GoldenCheck.Row row : report.rows()) {
        if (row.verdict() == Verdict.FAIL) {
          out.printf(
              Locale.ROOT,
              "%s: max abs error %.1e, relative %.1e, bound %.1e%n",
              row.quantity(),
              row.maxError(),
              row.relativeError(),
              row.bound());
        }
      }
      out.printf(
          Locale.ROOT,
          "%s: %d pass, %d fail, %d not in file; %s, %d threads%n",
          report.passed() ? "PASS" : "FAIL",
          report.count(Verdict.PASS),
          report.count(Verdict.FAIL),
          report.count(Verdict.NOT_IN_FILE),
          kernels.name(),
          kernels.threads());
      return report.passed();
    }
  }

  void generate(Arguments arguments) throws IOException {
    Path model = arguments.path("model");
    @Nullable Path adapter = arguments.pathOrNull("adapter");
    String prompt = arguments.text("prompt");
    int most = arguments.whole("max_new_tokens", 128);
    arguments.requireNoMore();
    try (FineTunedModel opened = FineTunedModel.open(model, adapter)) {
      opened.generate(
          prompt,
          most,
          Sampling.greedy(),
          piece -> {
            out.print(piece);
            out.flush();
          });
      out.println();
    }
  }
}
