package org.mobilefinetuner.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.generate.Sampling;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.model.ModelFolder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How tokens are chosen. What is not given comes from the model's generation_config.json. */
final class SamplingOptions {
  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description = "The most tokens to add (default: 128 to continue, 1024 to answer).")
  private @Nullable Integer most;

  @Option(
      names = "--greedy",
      description = "Always take the most likely token; the same as --temperature 0.")
  private boolean greedy;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "Below 1 the likely becomes likelier (default: the model's, or 0.8).")
  private @Nullable Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Draw among the K likeliest tokens; 0 for all (default: the model's, or 50).")
  private @Nullable Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description =
          "Draw among the likeliest tokens that have P together (default: the model's, or 0.95).")
  private @Nullable Double topP;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "X",
      description =
          "Above 1 makes tokens less likely that were there before (default: the model's, or 1).")
  private @Nullable Double penalty;

  @Option(names = "--seed", paramLabel = "N", description = "Of the draws (default: 42).")
  private long seed = 42;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  /** The most tokens to add. */
  int most(int otherwise) {
    int count = most == null ? otherwise : most;
    if (count < 1) {
      throw usage("expected --max-new-tokens of at least 1, found " + count);
    }
    return count;
  }

  Sampling of(ModelFolder folder) throws IOException {
    JsonObject model = folder.generation();
    Double t = temperature == null ? Double.valueOf(model.number("temperature", 0.8)) : temperature;
    Integer k = topK == null ? Integer.valueOf(model.integer("top_k", 50)) : topK;
    Double p = topP == null ? Double.valueOf(model.number("top_p", 0.95)) : topP;
    Double x = penalty == null ? Double.valueOf(model.number("repetition_penalty", 1)) : penalty;
    try {
      return new Sampling(greedy ? 0 : t, k, p, x, seed);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
