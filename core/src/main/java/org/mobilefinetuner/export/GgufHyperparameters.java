package org.mobilefinetuner.export;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.GgufMetadata;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.WeightSpec;
import org.mobilefinetuner.tensor.Tensor;

/**
 * The sizes and constants of a model under the keys that llama.cpp reads, as its converter writes
 * them.
 *
 * <p>What llama.cpp has built into an architecture and reads from no key is compared: a model that
 * differs there would load and compute something else, and is refused.
 */
final class GgufHyperparameters {
  private static final int GEMMA_PERIOD = 6; // every sixth layer of Gemma 3 sees all tokens
  private static final double GEMMA_LOCAL_THETA = 10_000;

  private final Model model;
  private final JsonObject config;
  private final GgufArchitecture architecture;
  private final AttentionShape attention;

  GgufHyperparameters(Model model, JsonObject config, GgufArchitecture architecture) {
    this.model = model;
    this.config = config;
    this.architecture = architecture;
    this.attention = model.attention().get(0);
  }

  /**
   * Adds the keys of the architecture.
   *
   * @throws FormatException if llama.cpp would compute something else
   */
  void addTo(GgufMetadata metadata) throws FormatException {
    requireBuiltIn();
    String arch = architecture.name() + ".";
    metadata
        .integer(arch + "context_length", model.positions())
        .integer(arch + "embedding_length", model.width())
        .integer(arch + "block_count", model.attention().size())
        .integer(arch + "feed_forward_length", inner())
        .integer(arch + "attention.head_count", attention.heads());
    if (architecture.name().equals("gpt2")) {
      float eps = (float) config.number("layer_norm_epsilon", 1e-5);
      metadata.number(arch + "attention.layer_norm_epsilon", eps);
      return;
    }
    boolean gemma = architecture.name().equals("gemma3");
    JsonObject rope = rope();
    metadata
        .integer(arch + "attention.head_count_kv", attention.kvHeads())
        .number(
            arch + "attention.layer_norm_rms_epsilon", (float) config.number("rms_norm_eps", 1e-6))
        .number(
            arch + "rope.freq_base", (float) rope.number("rope_theta", gemma ? 1_000_000 : 10_000));
    if (attention.width() * attention.heads() != model.width() || config.has("head_dim")) {
      metadata
          .integer(arch + "attention.key_length", attention.width())
          .integer(arch + "attention.value_length", attention.width());
    }
    if (gemma) {
      metadata.integer(arch + "attention.sliding_window", config.integer("sliding_window"));
    }
    if (architecture.name().equals("llama")) {
      metadata
          .integer(arch + "vocab_size", model.vocabulary())
          .integer(arch + "rope.dimension_count", attention.width());
    }
    if (ropeType(rope).equals("linear")) {
      metadata
          .string(arch + "rope.scaling.type", "linear")
          .number(arch + "rope.scaling.factor", (float) rope.number("factor"));
    }
  }

  private int inner() {
    for (WeightSpec spec : model.weights()) {
      if (architecture.tensor(spec.name()).equals("blk.0.ffn_up.weight")) {
        return spec.out();
      }
    }
    throw new IllegalStateException("no feed-forward weight in " + model);
  }

  /** The rotary parameters of transformers 5, or those of 4 put together the same way. */
  private JsonObject rope() throws FormatException {
    if (config.has("rope_parameters")) {
      JsonObject all = config.object("rope_parameters");
      return all.has("full_attention") ? all.object("full_attention") : all;
    }
    JsonObject rope = JsonObject.empty();
    if (config.has("rope_scaling")) {
      JsonObject scaling = config.object("rope_scaling");
      scaling.keys().forEach(key -> rope.put(key, scaling.get(key)));
    }
    if (config.has("rope_theta")) {
      rope.put("rope_theta", config.get("rope_theta"));
    }
    return rope;
  }

  private static String ropeType(JsonObject rope) throws FormatException {
    return rope.string("rope_type", rope.string("type", "default"));
  }

  /**
   * {@code rope_freqs.weight}, what Llama 3 divides each frequency by, [h/2], or null where they
   * are not scaled so.
   */
  @Nullable Tensor frequencyFactors() throws FormatException {
    JsonObject rope = architecture.name().equals("gpt2") ? JsonObject.empty() : rope();
    if (!ropeType(rope).equals("llama3")) {
      return null;
    }
    double factor = rope.number("factor");
    double low = rope.number("low_freq_factor");
    double high = rope.number("high_freq_factor");
    double trained = rope.number("original_max_position_embeddings");
    double theta = rope.number("rope_theta", 10_000);
    Tensor factors = Tensor.zeros(attention.width() / 2);
    for (int i = 0; i < factors.size(); i++) {
      double wave = 2 * Math.PI * Math.pow(theta, 2.0 * i / attention.width());
      double smooth = (trained / wave - low) / (high - low);
      double stretch = 1;
      if (wave > trained / low) {
        stretch = factor;
      } else if (wave >= trained / high) {
        stretch = 1 / ((1 - smooth) / factor + smooth);
      }
      factors.data()[i] = (float) stretch;
    }
    return factors;
  }

  private void requireBuiltIn() throws FormatException {
    List<AttentionShape> layers = model.attention();
    boolean gemma = architecture.name().equals("gemma3");
    for (int i = 0; i < layers.size(); i++) {
      AttentionShape layer = layers.get(i);
      double usual = 1 / Math.sqrt(layer.width());
      require("scores divided by the root of the head's width", rootScaled(layer, usual), layer);
      boolean all = layer.window() == AttentionShape.UNLIMITED;
      require(
          gemma ? "every sixth layer without a window, the others with" : "no windows",
          all == (!gemma || (i + 1) % GEMMA_PERIOD == 0),
          "window " + layer.window() + " in layer " + i);
    }
    if (architecture.name().equals("gpt2")) {
      return;
    }
    String rope = ropeType(rope());
    require(
        "rotary positions "
            + (architecture.name().equals("llama")
                ? "default, linear or llama3"
                : "default or linear"),
        rope.equals("default")
            || rope.isEmpty()
            || rope.equals("linear")
            || rope.equals("llama3") && architecture.name().equals("llama"),
        rope);
    if (gemma) {
      double local = localTheta();
      require("rope_local_base_freq 10000", local == GEMMA_LOCAL_THETA, local);
    }
  }

  private static boolean rootScaled(AttentionShape layer, double usual) {
    return Math.abs(layer.scale() - usual) <= 1e-5 * usual;
  }

  private double localTheta() throws FormatException {
    if (config.has("rope_parameters")) {
      JsonObject all = config.object("rope_parameters");
      if (all.has("sliding_attention")) {
        return all.object("sliding_attention").number("rope_theta", GEMMA_LOCAL_THETA);
      }
    }
    return config.number("rope_local_base_freq", GEMMA_LOCAL_THETA);
  }

  private void require(String wanted, boolean met, Object found) throws FormatException {
    if (!met) {
      throw new FormatException(
          "expected "
              + wanted
              + ", which llama.cpp has built into "
              + architecture.name()
              + ", found "
              + found
              + "; this model cannot be a GGUF file, export it as hf");
    }
  }
}
