package org.mobilefinetuner.model;

import static org.mobilefinetuner.kernel.AttentionShape.UNLIMITED;

import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Activation;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.ops.Add;
import org.mobilefinetuner.ops.CausalAttention;
import org.mobilefinetuner.ops.Glu;
import org.mobilefinetuner.ops.RmsNorm;
import org.mobilefinetuner.ops.Rope;
import org.mobilefinetuner.ops.RotaryAngles;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Gemma 3 for text: norms before and after each half of a block, gains stored less one, norms of
 * queries and keys, most layers with a window and angles of their own, GeGLU, a scaled embedding.
 *
 * <p>Gemma team: Gemma 3 technical report, arXiv 2503.19786; names and shapes as in Hugging Face's
 * {@code Gemma3ForCausalLM}.
 *
 * @param attention of each block
 * @param full the angles of layers that see all tokens
 * @param local the angles of layers that see a window
 * @param embeddingScale √width, rounded to the type of the weight file as transformers does
 */
record Gemma3(
    DecoderSizes sizes,
    List<AttentionShape> attention,
    RotaryAngles full,
    RotaryAngles local,
    float embeddingScale)
    implements RotaryDecoder {
  private static final float ONE = 1; // what every norm adds to its gain

  /** Reads config.json, of transformers 4 or 5, of a model whose file has numbers of a type. */
  static Gemma3 of(JsonObject config, Format weights) throws FormatException {
    String key = config.has("hidden_activation") ? "hidden_activation" : "hidden_act";
    DecoderSizes.requireActivation(config, key, "gelu_pytorch_tanh");
    for (String other : List.of("attn_logit_softcapping", "final_logit_softcapping")) {
      refuse(config, other, config.has(other));
    }
    for (String other : List.of("attention_bias", "use_bidirectional_attention")) {
      refuse(config, other, config.bool(other, false));
    }
    DecoderSizes sizes = DecoderSizes.of(config, true);
    int pattern =
        config.integer("sliding_window_pattern", config.integer("_sliding_window_pattern", 6));
    boolean[] sliding =
        SlidingLayers.read(config, sizes.layers(), i -> pattern < 1 || (i + 1) % pattern != 0);
    double scalar = config.number("query_pre_attn_scalar", 256);
    List<AttentionShape> attention = new ArrayList<>();
    for (boolean window : sliding) {
      attention.add(sizes.attention(window ? config.integer("sliding_window") : UNLIMITED, scalar));
    }
    int h = sizes.headWidth();
    float scale = weights.round((float) Math.sqrt(sizes.width()));
    if (config.has("rope_parameters") && config.object("rope_parameters").has("full_attention")) {
      JsonObject rope = config.object("rope_parameters");
      RotaryAngles full = RotaryConfig.angles(rope.object("full_attention"), h, 1e6);
      RotaryAngles local = RotaryConfig.angles(rope.object("sliding_attention"), h, 1e4);
      return new Gemma3(sizes, attention, full, local, scale);
    }
    double theta = config.number("rope_local_base_freq", 1e4);
    RotaryAngles local = RotaryConfig.angles(JsonObject.empty(), h, theta);
    return new Gemma3(sizes, attention, RotaryConfig.read(config, h, 1e6), local, scale);
  }

  private static void refuse(JsonObject config, String key, boolean set) throws FormatException {
    if (set) {
      throw new FormatException(
          "config.json: expected no " + key + ", found " + config.get(key) + ": not supported");
    }
  }

  private record Block(String name, int layer, AttentionShape shape, RotaryAngles angles, float eps)
      implements Segment {
    @Override
    public Tensor forward(Tape t, Weights w, Batch batch, Tensor x) {
      int[] places = batch.positions();
      Tensor h = norm(t, w, "input_layernorm", x);
      Tensor q = norm(t, w, "self_attn.q_norm", w.projection("self_attn.q_proj").apply(t, h));
      Tensor k = norm(t, w, "self_attn.k_norm", w.projection("self_attn.k_proj").apply(t, h));
      Tensor v = w.projection("self_attn.v_proj").apply(t, h);
      q = Rope.apply(t, q, places, angles);
      k = Rope.apply(t, k, places, angles);
      Tensor a = CausalAttention.apply(t, q, k, v, batch.sequences(), layer, shape);
      a = w.projection("self_attn.o_proj").apply(t, a);
      x = Add.apply(t, x, norm(t, w, "post_attention_layernorm", a));

      h = norm(t, w, "pre_feedforward_layernorm", x);
      Tensor gate = w.projection("mlp.gate_proj").apply(t, h);
      Tensor up = w.projection("mlp.up_proj").apply(t, h);
      h = w.projection("mlp.down_proj").apply(t, Glu.apply(t, Activation.GELU_TANH, gate, up));
      return Add.apply(t, x, norm(t, w, "post_feedforward_layernorm", h));
    }

    private Tensor norm(Tape t, Weights w, String norm, Tensor x) {
      return RmsNorm.apply(t, x, w.get(norm + ".weight"), ONE, eps);
    }
  }

  @Override
  public List<Segment> segments() {
    List<Segment> segments = new ArrayList<>();
    segments.add(new TokenEmbedding(embeddingScale));
    for (int i = 0; i < sizes.layers(); i++) {
      AttentionShape shape = attention.get(i);
      RotaryAngles angles = shape.window() == UNLIMITED ? full : local;
      segments.add(new Block("model.layers." + i, i, shape, angles, sizes.eps()));
    }
    segments.add(new RmsNormHead(sizes.headTable(), ONE, sizes.eps()));
    return segments;
  }

  @Override
  public List<WeightSpec> weights() {
    int d = sizes.width();
    WeightList list = sizes.weights();
    for (int i = 0; i < sizes.layers(); i++) {
      list.in("model.layers." + i + ".")
          .gain("input_layernorm", d, 0)
          .linear("self_attn.q_proj", d, sizes.queries(), false)
          .linear("self_attn.k_proj", d, sizes.keys(), false)
          .linear("self_attn.v_proj", d, sizes.keys(), false)
          .linear("self_attn.o_proj", sizes.queries(), d, false)
          .gain("self_attn.q_norm", sizes.headWidth(), 0)
          .gain("self_attn.k_norm", sizes.headWidth(), 0)
          .gain("post_attention_layernorm", d, 0)
          .gain("pre_feedforward_layernorm", d, 0)
          .gain("post_feedforward_layernorm", d, 0)
          .linear("mlp.gate_proj", d, sizes.inner(), false)
          .linear("mlp.up_proj", d, sizes.inner(), false)
          .linear("mlp.down_proj", sizes.inner(), d, false);
    }
    return sizes.withHead(list, 0);
  }

  @Override
  public String type() {
    return "gemma3_text";
  }

  @Override
  public String architecture() {
    return "Gemma3ForCausalLM";
  }
}
