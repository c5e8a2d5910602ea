package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.generate.Generator;
import org.mobilefinetuner.generate.Sampling;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.text.Tokenizer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code mft generate}: continues a text. */
@Command(
    name = "generate",
    description = "Continues a text and prints what is new.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {
  private static final class Prompt {
    @Option(names = "--prompt", required = true, paramLabel = "TEXT", description = "The text.")
    @Nullable String text;

    @Option(
        names = "--prompt-ids",
        required = true,
        paramLabel = "ID,ID,...",
        description = "Token ids instead, such as 8,10,51; ids are printed.")
    @Nullable String ids;
  }

  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private AdapterOptions adapterOptions = new AdapterOptions();
  @Mixin private FrozenOptions baseOptions = new FrozenOptions();

  @ArgGroup(multiplicity = "1")
  private Prompt prompt = new Prompt();

  @Mixin private SamplingOptions samplingOptions = new SamplingOptions();
  @Mixin private BackendOptions backend = new BackendOptions();

  @Option(names = "--json", description = "Print one JSON object when all is done.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    int most = samplingOptions.most(128);
    try (ModelFolder folder = ModelFolder.open(modelOptions.model);
        Kernels kernels = backend.kernels()) {
      Sampling sampling = samplingOptions.of(folder);
      @Nullable Tokenizer tokenizer = prompt.text == null ? null : tokenizer(folder);
      int[] ids = ids(folder.model(), tokenizer);
      LoadedWeights weights = adapterOptions.load(folder, baseOptions);
      var generator = new Generator(folder.model(), weights, kernels, Arena.unbounded());
      PrintWriter out = spec.commandLine().getOut();
      TokenPrinter output = new TokenPrinter(tokenizer, json ? null : out);
      long start = System.nanoTime();
      Generator.Result result =
          generate(generator, ids, most, sampling, folder.eos(), output, weights);
      double seconds = (System.nanoTime() - start) * 1e-9;
      String text = output.end();
      if (json) {
        out.println(object(text, ids, result, seconds));
      }
      out.flush();
      report(result, seconds, folder.model());
    }
    return 0;
  }

  /** The tokenizer of a model that is to write text. */
  static Tokenizer tokenizer(ModelFolder folder) throws IOException {
    Tokenizer tokenizer = folder.tokenizer();
    if (tokenizer == null) {
      throw new FormatException(
          "expected a tokenizer in the model folder, found none in "
              + folder.path()
              + "; add tokenizer.json, or give --prompt-ids");
    }
    return tokenizer;
  }

  private int[] ids(Model model, @Nullable Tokenizer tokenizer) {
    @Nullable String text = prompt.text;
    if (text != null && tokenizer != null) {
      int[] ids = tokenizer.encode(text, true);
      if (ids.length == 0) {
        throw usage("expected a --prompt of at least one token, found an empty text");
      }
      return ids;
    }
    String[] given = String.valueOf(prompt.ids).split(",", -1);
    int[] ids = new int[given.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = given[i].strip().matches("[0-9]{1,9}") ? Integer.parseInt(given[i].strip()) : -1;
      if (ids[i] < 0 || ids[i] >= model.vocabulary()) {
        throw usage(
            "expected --prompt-ids from 0 to "
                + (model.vocabulary() - 1)
                + ", found \""
                + given[i]
                + "\"");
      }
    }
    return ids;
  }

  private Generator.Result generate(
      Generator generator,
      int[] ids,
      int most,
      Sampling sampling,
      int[] stop,
      IntConsumer output,
      LoadedWeights weights)
      throws IOException {
    try {
      return generator.generate(ids, most, sampling, stop, output);
    } catch (ArithmeticException e) {
      ModelFolder.requireFinite(weights);
      throw new FormatException(e.getMessage() + " though all weights are finite", e);
    }
  }

  private JsonObject object(String text, int[] ids, Generator.Result result, double seconds) {
    List<Integer> prompted = new ArrayList<>();
    for (int id : ids) {
      prompted.add(id);
    }
    return JsonObject.empty()
        .put("prompt", prompt.text)
        .put("text", text)
        .put("prompt_ids", prompted)
        .put("ids", result.tokens())
        .put("end", result.end().name().toLowerCase(Locale.ROOT))
        .put("seconds", seconds)
        .put("tokens_per_second", result.tokens().length / seconds);
  }

  private void report(Generator.Result result, double seconds, Model model) {
    String end =
        switch (result.end()) {
          case EOS -> "the model ended the text";
          case LENGTH -> "stopped at --max-new-tokens";
          case POSITIONS -> "stopped at the model's " + model.positions() + " positions";
        };
    spec.commandLine()
        .getErr()
        .printf(
            Locale.ROOT,
            "%d tokens in %.2f s, %.1f tokens/s; %s%n",
            result.tokens().length,
            seconds,
            result.tokens().length / seconds,
            end);
    spec.commandLine().getErr().flush();
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
