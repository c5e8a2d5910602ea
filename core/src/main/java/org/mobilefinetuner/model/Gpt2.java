package org.mobilefinetuner.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.ops.Add;
import org.mobilefinetuner.ops.CausalAttention;
import org.mobilefinetuner.ops.Dropout;
import org.mobilefinetuner.ops.Embedding;
import org.mobilefinetuner.ops.Gelu;
import org.mobilefinetuner.ops.LayerNorm;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.ops.Linear;
import org.mobilefinetuner.ops.LinearCrossEntropy;
import org.mobilefinetuner.tensor.Tensor;

/**
 * GPT-2: learned positions, pre-norm blocks with fused q, k, v, GELU, weights [in, out].
 *
 * <p>Radford et al.: Language models are unsupervised multitask learners, 2019; names and shapes as
 * in Hugging Face's {@code GPT2LMHeadModel}.
 *
 * @param dropout the rate on the embedding's and the blocks' outputs while training
 */
record Gpt2(Gpt2Sizes sizes, float dropout) implements Model {
  private static final String ROOT = "transformer";

  @Override
  public String type() {
    return "gpt2";
  }

  @Override
  public String architecture() {
    return "GPT2LMHeadModel";
  }

  @Override
  public int width() {
    return sizes.width();
  }

  @Override
  public int vocabulary() {
    return sizes.vocabulary();
  }

  @Override
  public int positions() {
    return sizes.positions();
  }

  @Override
  public List<AttentionShape> attention() {
    return sizes.attention();
  }

  @Override
  public List<Segment> segments() {
    List<AttentionShape> attention = attention();
    List<Segment> segments = new ArrayList<>();
    segments.add(new Tokens(dropout));
    for (int i = 0; i < attention.size(); i++) {
      segments.add(new Block(ROOT + ".h." + i, i, attention.get(i), sizes.eps(), dropout));
    }
    segments.add(new Loss(sizes.tied() ? ROOT + ".wte.weight" : "lm_head.weight", sizes.eps()));
    return segments;
  }

  private record Tokens(float dropout) implements Segment {
    @Override
    public String name() {
      return ROOT;
    }

    @Override
    public Tensor forward(Tape t, Weights w, Batch batch, Tensor nothing) {
      Tensor tokens = Embedding.apply(t, batch.ids(), w.table("wte.weight"), 1);
      Tensor places = Embedding.apply(t, batch.positions(), w.table("wpe.weight"), 1);
      return Dropout.apply(t, Add.apply(t, tokens, places), dropout);
    }
  }

  private record Block(String name, int layer, AttentionShape shape, float eps, float dropout)
      implements Segment {
    @Override
    public Tensor forward(Tape t, Weights w, Batch batch, Tensor x) {
      Tensor h = LayerNorm.apply(t, x, w.get("ln_1.weight"), w.get("ln_1.bias"), eps);
      Tensor qkv = w.projection("attn.c_attn", Layout.IN_OUT).apply(t, h);
      Tensor a = CausalAttention.fused(t, qkv, batch.sequences(), layer, shape);
      a = w.projection("attn.c_proj", Layout.IN_OUT).apply(t, a);
      x = Add.apply(t, x, Dropout.apply(t, a, dropout));

      h = LayerNorm.apply(t, x, w.get("ln_2.weight"), w.get("ln_2.bias"), eps);
      h = Gelu.apply(t, w.projection("mlp.c_fc", Layout.IN_OUT).apply(t, h));
      h = w.projection("mlp.c_proj", Layout.IN_OUT).apply(t, h);
      return Add.apply(t, x, Dropout.apply(t, h, dropout));
    }
  }

  private record Loss(String table, float eps) implements Head {
    @Override
    public String name() {
      return "";
    }

    @Override
    public Tensor forward(Tape t, Weights w, Batch batch, Tensor x) {
      Weight vocabulary = w.table(table);
      return LinearCrossEntropy.apply(
          t, hidden(t, w, x), vocabulary, batch.targets(), batch.lossScale(), batch.nll());
    }

    @Override
    public Tensor hidden(Tape t, Weights w, Tensor x) {
      return LayerNorm.apply(t, x, w.get(ROOT + ".ln_f.weight"), w.get(ROOT + ".ln_f.bias"), eps);
    }

    @Override
    public Tensor logits(Tape t, Weights w, Tensor hidden) {
      return Linear.apply(t, hidden, w.get(table));
    }
  }

  @Override
  public List<WeightSpec> weights() {
    int d = sizes.width();
    float deviation = sizes.deviation();
    float residual = (float) (deviation / Math.sqrt(2.0 * sizes.layers())); // GPT-2's scaled init
    List<WeightSpec> specs = new ArrayList<>();
    specs.add(WeightSpec.table(ROOT + ".wte.weight", sizes.vocabulary(), d, deviation));
    specs.add(WeightSpec.table(ROOT + ".wpe.weight", sizes.positions(), d, deviation));
    for (int i = 0; i < sizes.layers(); i++) {
      String block = ROOT + ".h." + i + ".";
      norm(specs, block + "ln_1", d);
      conv(specs, block + "attn.c_attn", d, 3 * d, deviation);
      conv(specs, block + "attn.c_proj", d, d, residual);
      norm(specs, block + "ln_2", d);
      conv(specs, block + "mlp.c_fc", d, sizes.inner(), deviation);
      conv(specs, block + "mlp.c_proj", sizes.inner(), d, residual);
    }
    norm(specs, ROOT + ".ln_f", d);
    if (!sizes.tied()) {
      specs.add(WeightSpec.table("lm_head.weight", sizes.vocabulary(), d, deviation));
    }
    return specs;
  }

  private static void norm(List<WeightSpec> specs, String name, int d) {
    specs.add(WeightSpec.vector(name + ".weight", d, 1));
    specs.add(WeightSpec.vector(name + ".bias", d, 0));
  }

  private static void conv(List<WeightSpec> specs, String name, int in, int out, float deviation) {
    specs.add(WeightSpec.projection(name + ".weight", in, out, Layout.IN_OUT, deviation));
    specs.add(WeightSpec.vector(name + ".bias", out, 0));
  }

  @Override
  public List<String> defaultTargets() {
    return List.of("c_attn");
  }

  /** The hub's files have no {@code transformer.} in front, and the causal masks as buffers. */
  @Override
  public @Nullable String canonicalName(String stored) {
    String name =
        stored.startsWith(ROOT) || stored.startsWith("lm_head") ? stored : ROOT + "." + stored;
    boolean mask = name.endsWith(".attn.bias") || name.endsWith(".attn.masked_bias");
    return mask || sizes.tied() && name.equals("lm_head.weight") ? null : name;
  }
}
