package org.mobilefinetuner.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
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
public record Gpt2(
    int vocabulary,
    int positions,
    int width,
    int layers,
    int heads,
    int inner,
    float eps,
    boolean tied,
    boolean scaledByLayer,
    float deviation,
    float dropout)
    implements Model {
  private static final String ROOT = "transformer";

  public Gpt2 {
    if (heads < 1 || width < 1 || width % heads != 0) {
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
    if (vocabulary < 1 || positions < 1 || layers < 1 || inner < 1) {
      throw new IllegalArgumentException(
          "expected vocab_size, n_positions, n_layer and n_inner of at least 1, found "
              + vocabulary
              + ", "
              + positions
              + ", "
              + layers
              + ", "
              + inner);
    }
  }

  /** Reads config.json, of transformers 4 or 5. */
  static Gpt2 of(JsonObject config, float dropout) throws FormatException {
    String activation = config.string("activation_function", "gelu_new");
    if (!activation.equals("gelu_new") && !activation.equals("gelu_pytorch_tanh")) {
      throw config.wrong("activation_function", "gelu_new");
    }
    if (!config.bool("scale_attn_weights", true)) {
      throw config.wrong("scale_attn_weights", "true, as nothing else is supported,");
    }
    int width = config.size("n_embd", DecoderSizes.MOST);
    return new Gpt2(
        config.size("vocab_size", DecoderSizes.MOST),
        config.size(config.has("n_positions") ? "n_positions" : "n_ctx", DecoderSizes.MOST),
        width,
        config.size("n_layer", DecoderSizes.MOST_LAYERS),
        config.size("n_head", DecoderSizes.MOST),
        config.has("n_inner") ? config.size("n_inner", DecoderSizes.MOST) : 4 * width,
        (float) config.number("layer_norm_epsilon", 1e-5),
        config.bool("tie_word_embeddings", true),
        config.bool("scale_attn_by_inverse_layer_idx", false),
        (float) config.number("initializer_range", 0.02),
        dropout);
  }

  @Override
  public String type() {
    return "gpt2";
  }

  @Override
  public String architecture() {
    return "GPT2LMHeadModel";
  }

  @Override
  public List<AttentionShape> attention() {
    List<AttentionShape> shapes = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      int h = width / heads;
      float scale = (float) (1 / Math.sqrt(h) / (scaledByLayer ? i + 1 : 1));
      shapes.add(new AttentionShape(heads, heads, h, scale, AttentionShape.UNLIMITED));
    }
    return shapes;
  }

  @Override
  public List<Segment> segments() {
    List<AttentionShape> attention = attention();
    List<Segment> segments = new ArrayList<>();
    segments.add(new Tokens(dropout));
    for (int i = 0; i < layers; i++) {
      segments.add(new Block(ROOT + ".h." + i, i, attention.get(i), eps, dropout));
    }
    segments.add(new Loss(tied ? ROOT + ".wte.weight" : "lm_head.weight", eps));
    return segments;
  }

  private record Tokens(float dropout) implements Segment {
    @Override
    public String name() {
      return ROOT;
    }

    @Override
    public Tensor forward(Tape t, Weights w, Batch batch, Tensor nothing) {
      Tensor tokens = Embedding.apply(t, batch.ids(), w.get("wte.weight"), 1);
      Tensor places = Embedding.apply(t, batch.positions(), w.get("wpe.weight"), 1);
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
      Weight vocabulary = w.get(table);
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
    float residual = (float) (deviation / Math.sqrt(2.0 * layers)); // GPT-2's scaled init
    List<WeightSpec> specs = new ArrayList<>();
    specs.add(WeightSpec.table(ROOT + ".wte.weight", vocabulary, width, deviation));
    specs.add(WeightSpec.table(ROOT + ".wpe.weight", positions, width, deviation));
    for (int i = 0; i < layers; i++) {
      String block = ROOT + ".h." + i + ".";
      norm(specs, block + "ln_1");
      conv(specs, block + "attn.c_attn", width, 3 * width, deviation);
      conv(specs, block + "attn.c_proj", width, width, residual);
      norm(specs, block + "ln_2");
      conv(specs, block + "mlp.c_fc", width, inner, deviation);
      conv(specs, block + "mlp.c_proj", inner, width, residual);
    }
    norm(specs, ROOT + ".ln_f");
    if (!tied) {
      specs.add(WeightSpec.table("lm_head.weight", vocabulary, width, deviation));
    }
    return specs;
  }

  private void norm(List<WeightSpec> specs, String name) {
    specs.add(WeightSpec.vector(name + ".weight", width, 1));
    specs.add(WeightSpec.vector(name + ".bias", width, 0));
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
    return mask || tied && name.equals("lm_head.weight") ? null : name;
  }
}
