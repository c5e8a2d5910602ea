package org.mobilefinetuner.model;

import java.util.List;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.AttentionShape;

/**
 * The sizes that decoders with rotary positions have in common, by the names in their config.json.
 *
 * @param vocabulary {@code vocab_size}
 * @param positions {@code max_position_embeddings}
 * @param width {@code hidden_size}
 * @param layers {@code num_hidden_layers}
 * @param heads {@code num_attention_heads}
 * @param kvHeads {@code num_key_value_heads}
 * @param headWidth {@code head_dim}
 * @param inner {@code intermediate_size}
 * @param eps {@code rms_norm_eps}
 * @param tied {@code tie_word_embeddings}: whether the head is the embedding's table
 * @param deviation {@code initializer_range}
 */
record DecoderSizes(
    int vocabulary,
    int positions,
    int width,
    int layers,
    int heads,
    int kvHeads,
    int headWidth,
    int inner,
    float eps,
    boolean tied,
    float deviation) {
  static final int MOST_LAYERS = 10_000;
  static final int MOST = 1 << 27; // of all else, so that four times as many fit an int

  DecoderSizes {
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException(
          "expected num_attention_heads to be a multiple of num_key_value_heads, found "
              + heads
              + " and "
              + kvHeads);
    }
    if (headWidth < 2 || headWidth % 2 != 0) {
      throw new IllegalArgumentException(
          "expected an even head_dim of at least 2, because rotary positions turn pairs, found "
              + headWidth);
    }
    if (!(eps >= 0 && eps < 1 && deviation >= 0 && deviation <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "expected rms_norm_eps from 0 to 1 and initializer_range of at least 0, found "
              + eps
              + " and "
              + deviation);
    }
  }

  /**
   * @param tied what {@code tie_word_embeddings} is when config.json does not say
   */
  static DecoderSizes of(JsonObject config, boolean tied) throws FormatException {
    int width = config.size("hidden_size", MOST);
    int heads = config.size("num_attention_heads", MOST);
    return new DecoderSizes(
        config.size("vocab_size", MOST),
        config.size("max_position_embeddings", MOST),
        width,
        config.size("num_hidden_layers", MOST_LAYERS),
        heads,
        config.has("num_key_value_heads") ? config.size("num_key_value_heads", MOST) : heads,
        config.has("head_dim") ? config.size("head_dim", MOST) : width / heads,
        config.size("intermediate_size", MOST),
        (float) config.number("rms_norm_eps", 1e-6),
        config.bool("tie_word_embeddings", tied),
        (float) config.number("initializer_range", 0.02));
  }

  /**
   * @throws FormatException if the key names another activation than {@code wanted}
   */
  static void requireActivation(JsonObject config, String key, String wanted)
      throws FormatException {
    if (!config.string(key, wanted).equals(wanted)) {
      throw config.wrong(key, wanted);
    }
  }

  /** The embedding's table, with which the list begins. */
  WeightList weights() {
    return new WeightList(deviation).table("model.embed_tokens", vocabulary, width);
  }

  /** The list with its end: the final norm, whose gain starts as {@code gain}, and the head. */
  List<WeightSpec> withHead(WeightList list, float gain) {
    list.in("").gain("model.norm", width, gain);
    return tied ? list.all() : list.table("lm_head", vocabulary, width).all();
  }

  /** The width of all query heads together. */
  int queries() {
    return heads * headWidth;
  }

  /** The width of all keys, and of all values. */
  int keys() {
    return kvHeads * headWidth;
  }

  /** The attention of one layer, which sees {@code window} tokens, scaled by 1/√{@code scalar}. */
  AttentionShape attention(int window, double scalar) {
    return new AttentionShape(heads, kvHeads, headWidth, (float) (1 / Math.sqrt(scalar)), window);
  }

  /** Where the head's table is. */
  String headTable() {
    return tied ? "model.embed_tokens.weight" : "lm_head.weight";
  }
}
