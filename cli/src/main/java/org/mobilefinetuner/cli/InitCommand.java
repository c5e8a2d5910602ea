package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.ModelWriter;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.model.RandomWeights;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.text.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mft init}: a model folder with random weights, to train from nothing or to measure. */
@Command(
    name = "init",
    description = "Makes a model with random weights from a config.json.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class InitCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The config.json of the model to make.")
  private Path config = Path.of("");

  @Option(
      names = {"--output", "--output-dir", "-o"},
      required = true,
      paramLabel = "DIR",
      description = "The model folder to write; must be new or empty.")
  private Path output = Path.of("");

  @Option(
      names = "--tokenizer",
      paramLabel = "DIR",
      description = "A folder whose tokenizer files are copied into the model.")
  private @Nullable Path tokenizer;

  @Option(names = "--seed", paramLabel = "N", description = "Of the weights (default: 42).")
  private long seed = 42;

  /** How weights are stored. */
  private enum Type {
    F32,
    BF16,
    F16,
    INT8,
    INT4
  }

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = {
        "Type of the stored weights: f32, bf16 or f16 (default: f32); or int8 or int4, quantised,",
        "which only this program reads, as the base of an adapter."
      })
  private Type dtype = Type.F32;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    NewOutput.requireFolder(spec, output);
    JsonObject described = JsonObject.read(config);
    Model model = Models.of(described);
    if (tokenizer != null) {
      ModelFolder.requireVocabulary(tokenizer, Tokenizer.load(tokenizer), model);
    }
    try (Parallel team = new Parallel(Runtime.getRuntime().availableProcessors())) {
      RandomWeights random = new RandomWeights(seed, team);
      switch (dtype) {
        case INT8, INT4 -> {
          FrozenFormat base = FrozenFormat.valueOf(dtype.name());
          ModelWriter.writeQuantized(output, model, described, base, random::of, tokenizer, team);
        }
        case F32, BF16, F16 -> {
          Format format = Format.valueOf(dtype.name());
          ModelWriter.write(output, model, described, format, random::of, tokenizer);
        }
      }
    }
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s: %,d random weights, %s, seed %d: %s%n",
            model.type(),
            model.parameters(),
            dtype.name().toLowerCase(Locale.ROOT),
            seed,
            output);
    return 0;
  }
}
