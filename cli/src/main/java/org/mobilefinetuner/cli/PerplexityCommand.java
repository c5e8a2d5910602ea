package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.data.DataReader;
import org.mobilefinetuner.eval.Perplexity;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.TextFile;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.text.Tokenizer;
import org.mobilefinetuner.train.SegmentedBackprop;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code mft eval ppl}: perplexity by the protocol of Hugging Face's documentation. */
@Command(
    name = "ppl",
    description = {
      "Measures the perplexity of a model on a text.",
      "",
      "The protocol is that of Hugging Face's \"perplexity of fixed-length models\": the lines of a"
          + " text file are joined as WikiText's are, windows of --context tokens move on by"
          + " --stride, and the sum of the losses is divided by tokens. Each example of a JSONL"
          + " file is a text of its own. Numbers of other protocols or contexts cannot be compared."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class PerplexityCommand implements Callable<Integer> {
  private static final String PROTOCOL = "A: Hugging Face, perplexity of fixed-length models";
  private static final int CONTEXT = 1024;

  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private AdapterOptions adapterOptions = new AdapterOptions();

  @Option(
      names = {"--data", "--dataset"},
      required = true,
      paramLabel = "FILE",
      description = "A text file, or JSONL with text, prompt and completion, or input_ids.")
  private Path data = Path.of("");

  @Option(
      names = {"--context", "--max-seq-length", "--max-length", "--ctx"},
      paramLabel = "N",
      description = "Tokens of a window (default: 1024, or what the model can).")
  private @Nullable Integer context;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description = "Tokens from one window to the next (default: the context).")
  private @Nullable Integer stride;

  @Option(names = "--as-is", description = "Take the text of the file without joining its lines.")
  private boolean asIs;

  @Mixin private BackendOptions backend = new BackendOptions();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    try (ModelFolder folder = ModelFolder.open(modelOptions.model);
        Kernels kernels = backend.kernels()) {
      int positions = folder.model().positions();
      int window = context == null ? Math.min(CONTEXT, positions) : context;
      int step = stride == null ? window : stride;
      if (window < 2 || window > positions) {
        throw usage(
            "expected --context from 2 to the model's "
                + positions
                + " positions, found "
                + window);
      }
      if (step < 1 || step > window) {
        throw usage("expected --stride from 1 to the context of " + window + ", found " + step);
      }
      LoadedWeights weights = adapterOptions.load(folder);
      List<Sequence> texts = texts(folder);
      var backprop =
          new SegmentedBackprop(
              folder.model(),
              weights,
              folder.model().segments().size(),
              kernels,
              Arena.unbounded(),
              SegmentedBackprop.Keep.INPUT);
      long start = System.nanoTime();
      Perplexity.Result result = new Perplexity(backprop, window, step).of(texts, progress());
      double seconds = (System.nanoTime() - start) * 1e-9;
      if (!Double.isFinite(result.loss())) {
        ModelFolder.requireFinite(weights);
        throw new FormatException(
            "expected a finite loss, found " + result.loss() + " though all weights are finite");
      }
      report(result, window, step, kernels, seconds);
    }
    return 0;
  }

  private List<Sequence> texts(ModelFolder folder) throws IOException {
    if (!Files.isRegularFile(data)) {
      throw new NoSuchFileException(data.toString());
    }
    @Nullable Tokenizer tokenizer = folder.tokenizer();
    String name = data.getFileName().toString();
    if (name.endsWith(".jsonl") || name.endsWith(".json")) {
      int whole = Integer.MAX_VALUE; // windows cut what is long
      return new DataReader(tokenizer, folder.model().vocabulary(), whole).read(data).examples();
    }
    if (tokenizer == null) {
      throw new FormatException(
          "expected a tokenizer in the model folder to read text, found none in "
              + folder.path()
              + "; add tokenizer.json, or give JSONL with input_ids");
    }
    String text = TextFile.read(data);
    int[] ids = tokenizer.encode(asIs ? text : Perplexity.joinedRows(text));
    if (ids.length < 2) {
      throw new FormatException(
          data + ": expected a text of at least 2 tokens, found " + ids.length);
    }
    return List.of(new Sequence(0, ids, ids.clone()));
  }

  /** Where progress can be drawn: before the result if possible, since stderr may come later. */
  private @Nullable PrintWriter screen() {
    CommandLine command = spec.commandLine();
    boolean out = Terminal.stdout() && !json;
    return out ? command.getOut() : Terminal.stderr() ? command.getErr() : null;
  }

  private Consumer<Perplexity.Result> progress() {
    @Nullable PrintWriter screen = screen();
    if (screen == null) {
      return sofar -> {};
    }
    return sofar -> {
      screen.printf(
          Locale.ROOT,
          "\r%,d windows, perplexity so far %.3f ",
          sofar.windows(),
          sofar.perplexity());
      screen.flush();
    };
  }

  private void report(
      Perplexity.Result result, int window, int step, Kernels kernels, double seconds) {
    PrintWriter out = spec.commandLine().getOut();
    @Nullable PrintWriter screen = screen();
    if (screen != null) {
      screen.print("\r" + " ".repeat(60) + "\r");
      screen.flush();
    }
    if (json) {
      out.println(
          JsonObject.empty()
              .put("perplexity", result.perplexity())
              .put("loss", result.loss())
              .put("tokens", result.tokens())
              .put("windows", result.windows())
              .put("protocol", PROTOCOL)
              .put("context", window)
              .put("stride", step)
              .put("joined_rows", !asIs)
              .put("backend", kernels.name())
              .put("threads", kernels.threads())
              .put("seconds", seconds));
      return;
    }
    out.printf(
        Locale.ROOT,
        "Perplexity %.4f (loss %.5f), protocol %s; context %d, stride %d, %,d tokens%n",
        result.perplexity(),
        result.loss(),
        PROTOCOL,
        window,
        step,
        result.tokens());
    out.printf(
        Locale.ROOT,
        "%,d windows in %.1f s, %.0f tokens/s, %s, %d threads%n",
        result.windows(),
        seconds,
        result.tokens() / seconds,
        kernels.name(),
        kernels.threads());
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
