package org.mobilefinetuner.android.shell;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.android.FineTunedModel;
import org.mobilefinetuner.generate.Sampling;

/** {@code eval} and {@code generate}. */
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
