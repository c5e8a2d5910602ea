package org.mobilefinetuner.android;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.data.DataReader;
import org.mobilefinetuner.data.DataSet;
import org.mobilefinetuner.data.DataSettings;
import org.mobilefinetuner.eval.HuggingFaceProtocol;
import org.mobilefinetuner.eval.Perplexity;
import org.mobilefinetuner.generate.Generator;
import org.mobilefinetuner.generate.Sampling;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.text.StreamingDecoder;
import org.mobilefinetuner.text.Tokenizer;
import org.mobilefinetuner.train.SegmentedBackprop;

/**
 * A model with or without an adapter, to write text with and to be measured. Its weights stay in
 * their file.
 *
 * <p>Not thread-safe, and slow: to be used on one thread that is not the main one.
 */
public final class FineTunedModel implements Closeable {
  private final ModelFolder folder;
  private final LoadedWeights weights;
  private final Kernels kernels;
  private final Tokenizer tokenizer;

  private FineTunedModel(
      ModelFolder folder, LoadedWeights weights, Kernels kernels, Tokenizer tokenizer) {
    this.folder = folder;
    this.weights = weights;
    this.kernels = kernels;
    this.tokenizer = tokenizer;
  }

  /**
   * Opens a model.
   *
   * @param adapter a folder that PEFT, mlx-lm or a run has written, or null for none
   * @throws IOException if one of them cannot be read, the model has no tokenizer, or the adapter
   *     is not one for this model
   */
  public static FineTunedModel open(Path model, @Nullable Path adapter) throws IOException {
    ModelFolder folder = ModelFolder.open(model);
    try {
      Tokenizer tokenizer = folder.tokenizer();
      if (tokenizer == null) {
        throw new FormatException(
            "expected a tokenizer in the model folder, found none in "
                + model
                + "; add tokenizer.json");
      }
      LoadedWeights weights = folder.adapted(adapter);
      int threads = Runtime.getRuntime().availableProcessors();
      return new FineTunedModel(folder, weights, DeviceBackends.best(threads), tokenizer);
    } catch (IOException | RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  /** The most likely continuation of {@code prompt}, of {@code most} tokens at most. */
  public String generate(String prompt, int most) {
    return generate(prompt, most, Sampling.greedy(), piece -> {});
  }

  /**
   * Continues {@code prompt} until the model ends the text, or {@code most} tokens.
   *
   * @param told each new piece of text at once
   * @return all of the new text
   */
  public String generate(String prompt, int most, Sampling sampling, Consumer<String> told) {
    Generator generator = new Generator(folder.model(), weights, kernels, Arena.unbounded());
    StreamingDecoder decoder = tokenizer.streamingDecoder(true);
    StringBuilder text = new StringBuilder();
    Consumer<String> both =
        piece -> {
          text.append(piece);
          told.accept(piece);
        };
    int[] ids = tokenizer.encode(prompt, true);
    generator.generate(ids, most, sampling, folder.eos(), id -> both.accept(decoder.push(id)));
    both.accept(decoder.flush());
    return text.toString();
  }

  /**
   * The perplexity of the examples of a file, as training sees them: of what is to be predicted, in
   * windows of at most {@code context} tokens.
   *
   * @throws IOException if the file cannot be read
   */
  public double perplexity(Path data, int context) throws IOException {
    int window = Math.min(context, folder.model().positions());
    SegmentedBackprop backprop =
        new SegmentedBackprop(
            folder.model(),
            weights,
            folder.model().segments().size(),
            kernels,
            Arena.unbounded(),
            SegmentedBackprop.Keep.INPUT);
    List<Sequence> sequences = new ArrayList<>();
    try (DataSet set = DataReader.of(folder, DataSettings.of(Integer.MAX_VALUE)).read(data)) {
      for (int i = 0; i < set.examples().count(); i++) {
        sequences.add(set.examples().get(i));
      }
    }
    HuggingFaceProtocol protocol = new HuggingFaceProtocol(window, window, OptionalInt.empty());
    return new Perplexity(backprop, protocol).of(sequences, sofar -> {}).perplexity();
  }

  @Override
  public void close() throws IOException {
    kernels.close();
    folder.close();
  }
}
