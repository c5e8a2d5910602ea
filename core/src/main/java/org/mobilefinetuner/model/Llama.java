package org.mobilefinetuner.model;

import java.util.ArrayList;
import java.util.Collections;
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
import org.mobilefinetuner.tensor.Tensor;

/**
 * Llama 2 and 3, and what has their form (SmolLM2, TinyLlama): RMS norms, rotary positions that may
 * be scaled, shared key and value heads, SwiGLU, usually no biases.
 *
 * <p>Grattafiori et al.: The Llama 3 herd of models, arXiv 2407.21783; names and shapes as in
 * Hugging Face's {@code LlamaForCausalLM}.
 *
 * @param attentionBias whether q, k, v and o have biases
 * @param mlpBias whether the feed-forward projections have
 */
record Llama(DecoderSizes sizes, RotaryAngles angles, boolean attentionBias, boolean mlpBias)
    implements RotaryDecoder {
  /** Reads config.json, of transformers 4 or 5. */
  static Llama of(JsonObject config) throws FormatException {
    DecoderSizes.requireActivation(config, "hidden_act", "silu");
    DecoderSizes sizes = DecoderSizes.of(config, false);
    return new Llama(
        sizes,
        RotaryConfig.read(config, sizes.headWidth(), 10_000),
        config.bool("attention_bias", false),
        config.bool("mlp_bias", false));
  }

  private record Block(String name, int layer, AttentionShape shape, RotaryAngles angles, float eps)
      implements Segment {
    @Override
    public Tensor forward(Tape t, Weights w, Batch batch, Tensor x) {
      int[] places = batch.positions();
      Tensor h = RmsNorm.apply(t, x, w.get("input_layernorm.weight"), 0, eps);
      Tensor q = Rope.apply(t, w.projection("self_attn.q_proj").apply(t, h), places, angles);
      Tensor k = Rope.apply(t, w.projection("self_attn.k_proj").apply(t, h), places, angles);
      Tensor v = w.projection("self_attn.v_proj").apply(t, h);
      Tensor a = CausalAttention.apply(t, q, k, v, batch.sequences(), layer, shape);
      x = Add.apply(t, x, w.projection("self_attn.o_proj").apply(t, a));

      h = RmsNorm.apply(t, x, w.get("post_attention_layernorm.weight"), 0, eps);
      Tensor gate = w.projection("mlp.gate_proj").apply(t, h);
      Tensor up = w.projection("mlp.up_proj").apply(t, h);
      h = Glu.apply(t, Activation.SILU, gate, up);
      return Add.apply(t, x, w.projection("mlp.down_proj").apply(t, h));
    }
  }

  @Override
  public List<AttentionShape> attention() {
    return Collections.nCopies(
        sizes.layers(), sizes.attention(AttentionShape.UNLIMITED, sizes.headWidth()));
  }

  @Override
  public List<Segment> segments() {
    List<Segment> segments = new ArrayList<>();
    segments.add(new TokenEmbedding(1));
    for (int i = 0; i < sizes.layers(); i++) {
      segments.add(new Block("model.layers." + i, i, attention().get(i), angles, sizes.eps()));
    }
    segments.add(new RmsNormHead(sizes.headTable(), 0, sizes.eps()));
    return segments;
  }

  @Override
  public List<WeightSpec> weights() {
    int d = sizes.width();
    WeightList list = sizes.weights();
    for (int i = 0; i < sizes.layers(); i++) {
      list.in("model.layers." + i + ".")
          .gain("input_layernorm", d, 1)
          .linear("self_attn.q_proj", d, sizes.queries(), attentionBias)
          .linear("self_attn.k_proj", d, sizes.keys(), attentionBias)
          .linear("self_attn.v_proj", d, sizes.keys(), attentionBias)
          .linear("self_attn.o_proj", sizes.queries(), d, attentionBias)
          .gain("post_attention_layernorm", d, 1)
          .linear("mlp.gate_proj", d, sizes.inner(), mlpBias)
          .linear("mlp.up_proj", d, sizes.inner(), mlpBias)
          .linear("mlp.down_proj", sizes.inner(), d, mlpBias);
    }
    return sizes.withHead(list, 1);
  }

  @Override
  public String type() {
    return "llama";
  }

  @Override
  public String architecture() {
    return "LlamaForCausalLM";
  }
}
