package org.mobilefinetuner.model;

import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.AttentionShape;

/**
 * The sizes of a {@link Gpt2}, by the names in its config.json.
 *
 * @param vocabulary {@code vocab_size}
 * @param positions {@code n_positions}, or {@code n_ctx} in old files
 * @param width {@code n_embd}
 * @param layers {@code n_layer}
 * @param heads {@code n_head}
 * @param inner {@code n_inner}, four times the width if it is not said
 * @param eps {@code layer_norm_epsilon}
 * @param tied {@code tie_word_embeddings}: whether the head is the embedding's table
 * @param scaledByLayer {@code scale_attn_by_inverse_layer_idx}
 * @param deviation {@code initializer_range}
 */
record Gpt2Sizes(
    int vocabulary,
    int positions,
    int width,
    int layers,
    int heads,
    int inner,
    float eps,
    boolean tied,
    boolean scaledByLayer,
    float deviation) {
  Gpt2Sizes {
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "expected n_embd to be a multiple of n_head, found " + width + " and " + heads);
    }
    if (!(eps > 0 && eps < 1 && deviation >= 0 && deviation <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "expected layer_norm_epsilon between 0 and 1 and initializer_range of at least 0, found "
              + eps
              + " and "
              + deviation);
    }
  }

  /** Reads config.json, of transformers 4 or 5. */
  static Gpt2Sizes of(JsonObject config) throws FormatException {
    String activation = config.string("activation_function", "gelu_new");
    if (!activation.equals("gelu_new") && !activation.equals("gelu_pytorch_tanh")) {
      throw config.wrong("activation_function", "gelu_new");
    }
    if (!config.bool("scale_attn_weights", true)) {
      throw config.wrong("scale_attn_weights", "true, as nothing else is supported,");
    }
    int width = config.size("n_embd", DecoderSizes.MOST);
    return new Gpt2Sizes(
        config.size("vocab_size", DecoderSizes.MOST),
        config.size(config.has("n_positions") ? "n_positions" : "n_ctx", DecoderSizes.MOST),
        width,
        config.size("n_layer", DecoderSizes.MOST_LAYERS),
        config.size("n_head", DecoderSizes.MOST),
        config.has("n_inner") ? config.size("n_inner", DecoderSizes.MOST) : 4 * width,
        (float) config.number("layer_norm_epsilon", 1e-5),
        config.bool("tie_word_embeddings", true),
        config.bool("scale_attn_by_inverse_layer_idx", false),
        (float) config.number("initializer_range", 0.02));
  }

  /** The attention of each block. */
  List<AttentionShape> attention() {
    List<AttentionShape> shapes = new ArrayList<>();
    int h = width / heads;
    for (int i = 0; i < layers; i++) {
      float scale = (float) (1 / Math.sqrt(h) / (scaledByLayer ? i + 1 : 1));
      shapes.add(new AttentionShape(heads, heads, h, scale, AttentionShape.UNLIMITED));
    }
    return shapes;
  }
}
