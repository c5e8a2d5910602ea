package org.mobilefinetuner.cli.quickstart;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.generate.Generator;
import org.mobilefinetuner.generate.Sampling;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.text.Tokenizer;

/** A model that turns commands into actions, with or without an adapter. */
public final class Assistant implements AutoCloseable {
  private static final int MOST = 48; // tokens; the longest action has 40

  private final ModelFolder folder;
  private final Tokenizer tokenizer;
  private final Generator generator;

  private Assistant(ModelFolder folder, Tokenizer tokenizer, Generator generator) {
    this.folder = folder;
    this.tokenizer = tokenizer;
    this.generator = generator;
  }

  /** Opens a model folder and puts the adapter, if there is one, on it. */
  public static Assistant open(Path model, @Nullable Path adapter, Kernels kernels)
      throws IOException {
    ModelFolder folder = ModelFolder.open(model);
    try {
      Tokenizer tokenizer = folder.tokenizer();
      if (tokenizer == null) {
        throw new FormatException("expected a tokenizer in " + model + ", found none");
      }
      LoadedWeights weights = folder.adapted(adapter);
      Generator generator = new Generator(folder.model(), weights, kernels, Arena.unbounded());
      return new Assistant(folder, tokenizer, generator);
    } catch (IOException | RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  /** The most likely answer to a prompt. */
  public String answer(String prompt) {
    int[] ids = tokenizer.encode(prompt);
    Generator.Result result =
        generator.generate(ids, MOST, Sampling.greedy(), folder.eos(), token -> {});
    return tokenizer.decode(result.tokens(), true).strip();
  }

  /**
   * The part of the examples, in percent, that is answered with exactly the action that is meant.
   */
  public double percentRight(List<Example> examples) {
    long right = examples.stream().filter(e -> e.isAnsweredBy(answer(e.prompt()))).count();
    return 100.0 * right / examples.size();
  }

  @Override
  public void close() throws IOException {
    folder.close();
  }
}
