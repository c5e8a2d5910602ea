package org.mobilefinetuner.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.SafetensorsWriter;
import org.mobilefinetuner.io.TensorSource;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.model.WeightSpec;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Model folders with random weights, as small as a test wants them.
 *
 * <p>Unlike a model at its initialisation, every weight is random, gains and biases too, and large
 * enough that each has a gradient that can be told from rounding.
 */
public final class TinyModels {
  private TinyModels() {}

  /** The config.json of a model of three blocks and 16 features, of any model_type. */
  public static JsonObject of(String type) {
    return type.equals("gpt2") ? gpt2(53, 24, 16, 3, 2) : decoder(type);
  }

  private static JsonObject decoder(String type) {
    return JsonObject.empty()
        .put("model_type", type)
        .put("vocab_size", 61L)
        .put("hidden_size", 16L)
        .put("intermediate_size", 24L)
        .put("num_hidden_layers", 3L)
        .put("num_attention_heads", 2L)
        .put("num_key_value_heads", 1L)
        .put("head_dim", 8L)
        .put("max_position_embeddings", 64L)
        .put("rms_norm_eps", 1e-6)
        .put("rope_theta", 10_000.0)
        .put("sliding_window", type.equals("gemma3_text") ? 8L : null)
        .put("query_pre_attn_scalar", 8L)
        .put("tie_word_embeddings", true);
  }

  /** The config.json of a GPT-2. */
  public static JsonObject gpt2(int vocabulary, int positions, int width, int layers, int heads) {
    return JsonObject.empty()
        .put("model_type", "gpt2")
        .put("activation_function", "gelu_new")
        .put("vocab_size", (long) vocabulary)
        .put("n_positions", (long) positions)
        .put("n_embd", (long) width)
        .put("n_layer", (long) layers)
        .put("n_head", (long) heads);
  }

  /**
   * Writes config.json and model.safetensors.
   *
   * @param folder made if it is not there
   * @return the folder
   */
  public static Path write(Path folder, JsonObject config, Format format, long seed)
      throws IOException {
    Files.createDirectories(folder);
    AtomicFile.write(folder.resolve("config.json"), config.pretty());
    Map<String, SafetensorsWriter.Item> items = new LinkedHashMap<>();
    weights(Models.of(config), seed)
        .forEach((name, value) -> items.put(name, SafetensorsWriter.Item.of(value, format)));
    SafetensorsWriter.write(folder.resolve("model.safetensors"), items);
    return folder;
  }

  /** The weights of a model in memory, as if they were read from a file. */
  public static TensorSource source(Map<String, Tensor> weights) {
    return new MemorySource(weights);
  }

  /** Random values for all weights of a model, by name. */
  public static Map<String, Tensor> weights(Model model, long seed) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (WeightSpec spec : model.weights()) {
      Tensor value = Tensor.zeros(spec.shape());
      double deviation = spec.shape().length == 1 ? 0.2 : 1 / Math.sqrt(value.cols());
      long key = Draws.key(seed, weights.size());
      for (int i = 0; i < value.size(); i++) {
        value.data()[i] = (float) (spec.mean() + deviation * Draws.gaussian(Draws.key(key, i)));
      }
      weights.put(spec.name(), value);
    }
    return weights;
  }

  private record MemorySource(Map<String, Tensor> weights) implements TensorSource {
    @Override
    public Set<String> names() {
      return weights.keySet();
    }

    @Override
    public int[] shape(String name) throws IOException {
      return find(name).shape();
    }

    @Override
    public String type(String name) {
      return Format.F32.name();
    }

    @Override
    public long bytes(String name) throws IOException {
      return (long) Float.BYTES * find(name).data().length;
    }

    @Override
    public Matrix matrix(String name) throws IOException {
      return find(name);
    }

    @Override
    public Tensor tensor(String name) throws IOException {
      Tensor value = find(name);
      return Tensor.zeros(value.shape()).copyFrom(value);
    }

    private Tensor find(String name) throws IOException {
      Tensor value = weights.get(name);
      if (value == null) {
        throw new FormatException("no tensor is called " + name);
      }
      return value;
    }
  }
}
