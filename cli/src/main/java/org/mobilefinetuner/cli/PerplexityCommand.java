package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.eval.HuggingFaceProtocol;
import org.mobilefinetuner.eval.LlamaCppProtocol;
import org.mobilefinetuner.eval.LmEvalProtocol;
import org.mobilefinetuner.eval.Perplexity;
import org.mobilefinetuner.eval.PerplexityProtocol;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.text.Tokenizer;
import org.mobilefinetuner.train.SegmentedBackprop;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code mft eval ppl}: perplexity by one of three protocols. */
@Command(
    name = "ppl",
    description = {
      "Measures the perplexity of a model on a text.",
      "",
      "hf: Hugging Face's \"perplexity of fixed-length models\". The lines of a text file are"
          + " joined as WikiText's are, windows of --context tokens move on by --stride. Each"
          + " example of a JSONL file is a text of its own.",
      "lm-eval: its task wikitext. Pages, detokenised, in disjoint windows; perplexity per word"
          + " and byte of the page as it was. Pages begin at headings of a text file, or are the"
          + " \"page\" or \"text\" of each line of a JSONL file.",
      "llamacpp: llama-perplexity. The file as it is in disjoint windows, the second half of each"
          + " scored.",
      "",
      "Numbers of other protocols or contexts cannot be compared."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class PerplexityCommand implements Callable<Integer> {
  private static final List<String> PROTOCOLS = List.of("hf", "lm-eval", "llamacpp");
  private static final int CONTEXT = 1024;
  private static final int LLAMACPP_CONTEXT = 512;

  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private ComparedModels models = new ComparedModels();

  @Option(
      names = {"--data", "--dataset"},
      required = true,
      paramLabel = "FILE",
      description = "A text file, or JSONL with text, prompt and completion, or input_ids.")
  private Path data = Path.of("");

  @Option(
      names = "--protocol",
      paramLabel = "NAME",
      description = "hf, lm-eval or llamacpp (default: hf).")
  private String protocol = "hf";

  @Option(
      names = {"--context", "--max-seq-length", "--max-length", "--ctx"},
      paramLabel = "N",
      description = "Tokens of a window (default: 1024, llamacpp: 512, or what the model can).")
  private @Nullable Integer context;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description = "hf: tokens from one window to the next (default: all of a window).")
  private @Nullable Integer stride;

  @Option(
      names = "--bos-per-window",
      negatable = true,
      description = "Put BOS in front of each window (default: for text if the model is a Gemma).")
  private @Nullable Boolean bosPerWindow;

  @Option(
      names = "--as-is",
      description = "hf: take the text of the file without joining its lines.")
  private boolean asIs;

  @Mixin private BackendOptions backend = new BackendOptions();

  @Option(names = "--json", description = "Print one JSON object, or a list of several models'.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    requireProtocol();
    List<PerplexityReport.Measured> all = new ArrayList<>();
    try (ModelFolder folder = ModelFolder.open(modelOptions.model);
        Kernels kernels = backend.kernels()) {
      PerplexityProtocol chosen = protocol(folder);
      PerplexityInput input = input(chosen, folder);
      for (ComparedModels.One model : models.all()) {
        all.add(measure(model, folder, chosen, input, kernels));
      }
      PerplexityReport report =
          new PerplexityReport(folder.path(), chosen, input, !asIs, kernels, all);
      if (json) {
        spec.commandLine().getOut().println(report.json());
      } else {
        report.print(spec.commandLine().getOut());
      }
    }
    return 0;
  }

  private void requireProtocol() {
    if (!PROTOCOLS.contains(protocol)) {
      throw usage(
          "expected --protocol hf, lm-eval or llamacpp, found "
              + protocol
              + Suggestions.nearest(protocol, PROTOCOLS));
    }
    if (!protocol.equals("hf") && (stride != null || asIs)) {
      throw usage(
          (stride != null ? "--stride" : "--as-is")
              + " belongs to --protocol hf, found --protocol "
              + protocol
              + "; leave one of them out");
    }
    if (protocol.equals("llamacpp") && PerplexityInput.isJson(data)) {
      throw usage("expected a text file for --protocol llamacpp, found " + data);
    }
  }

  private PerplexityProtocol protocol(ModelFolder folder) throws IOException {
    int positions = folder.model().positions();
    int usual = protocol.equals("llamacpp") ? LLAMACPP_CONTEXT : CONTEXT;
    int window = context == null ? Math.min(usual, positions) : context;
    OptionalInt bos = bos(folder);
    int least = bos.isPresent() ? 3 : 2;
    if (window < least || window > positions) {
      throw usage(
          "expected --context from "
              + least
              + " to the model's "
              + positions
              + " positions, found "
              + window);
    }
    int room = window - (bos.isPresent() ? 1 : 0);
    int step = stride == null ? room : stride;
    if (step < 1 || step > room) {
      throw usage("expected --stride from 1 to the context of " + room + ", found " + step);
    }
    return switch (protocol) {
      case "lm-eval" -> new LmEvalProtocol(window, prefix(folder), bos);
      case "llamacpp" -> new LlamaCppProtocol(window, bos);
      default -> new HuggingFaceProtocol(window, step, bos);
    };
  }

  private OptionalInt bos(ModelFolder folder) throws IOException {
    Model model = folder.model();
    boolean usual = model.type().startsWith("gemma") && !PerplexityInput.isJson(data);
    if (!(bosPerWindow == null ? usual : bosPerWindow)) {
      return OptionalInt.empty();
    }
    OptionalInt bos = PerplexityInput.tokenizer(folder).bosId();
    if (bos.isEmpty()) {
      throw new FormatException(
          "expected a tokenizer with a BOS token for --bos-per-window, found one without in "
              + folder.path());
    }
    return bos;
  }

  /** What the first token of a page is predicted from. */
  private static int prefix(ModelFolder folder) throws IOException {
    Tokenizer tokenizer = PerplexityInput.tokenizer(folder);
    if (tokenizer.bosId().isPresent()) {
      return tokenizer.bosId().getAsInt();
    }
    int[] eos = folder.eos();
    if (tokenizer.eosId().isEmpty() && eos.length == 0) {
      throw new FormatException(
          "expected a BOS or EOS token for --protocol lm-eval, found neither in "
              + folder.path()
              + "; name one in tokenizer_config.json");
    }
    return tokenizer.eosId().isPresent() ? tokenizer.eosId().getAsInt() : eos[0];
  }

  private PerplexityInput input(PerplexityProtocol chosen, ModelFolder folder) throws IOException {
    if (!PerplexityInput.isJson(data)) {
      return PerplexityInput.text(data, asIs, chosen, PerplexityInput.tokenizer(folder));
    }
    return chosen instanceof LmEvalProtocol pages
        ? PerplexityInput.pages(data, pages, PerplexityInput.tokenizer(folder))
        : PerplexityInput.examples(data, folder);
  }

  private PerplexityReport.Measured measure(
      ComparedModels.One model,
      ModelFolder folder,
      PerplexityProtocol chosen,
      PerplexityInput input,
      Kernels kernels)
      throws IOException {
    LoadedWeights weights = model.load(folder);
    var backprop =
        new SegmentedBackprop(
            folder.model(),
            weights,
            folder.model().segments().size(),
            kernels,
            Arena.unbounded(),
            SegmentedBackprop.Keep.INPUT);
    EvalProgress progress = new EvalProgress(spec.commandLine(), json);
    long start = System.nanoTime();
    Perplexity.Result result =
        new Perplexity(backprop, chosen)
            .of(input.sequences(), sofar -> progress.at(line(model, sofar)));
    double seconds = (System.nanoTime() - start) * 1e-9;
    progress.clear();
    if (!Double.isFinite(result.loss())) {
      ModelFolder.requireFinite(weights);
      throw new FormatException(
          "expected a finite loss, found " + result.loss() + " though all weights are finite");
    }
    return new PerplexityReport.Measured(model, result, seconds);
  }

  private static String line(ComparedModels.One model, Perplexity.Result sofar) {
    return String.format(
        Locale.ROOT,
        "%s: %,d windows, %.0f %%, perplexity so far %.3f",
        model.name(),
        sofar.windows(),
        100 * sofar.progress(),
        sofar.perplexity());
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
