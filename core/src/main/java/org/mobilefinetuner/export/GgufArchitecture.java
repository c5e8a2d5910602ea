package org.mobilefinetuner.export;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.WeightSpec;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Transposed;

/**
 * What llama.cpp calls the weights of a model, and how it stores them.
 *
 * <p>Matrices are [out, in] there. Llama's queries and keys have their rows in another order
 * ({@link RowOrder}), and Gemma's gains are stored as what a norm multiplies with, 1 + w.
 */
final class GgufArchitecture {
  private static final Pattern BLOCK =
      Pattern.compile("(?:transformer\\.h|model\\.layers)\\.(\\d+)\\.(.+)\\.(weight|bias)");

  private static final Map<String, String> OUTSIDE =
      Map.of(
          "transformer.wte", "token_embd",
          "transformer.wpe", "position_embd",
          "transformer.ln_f", "output_norm",
          "model.embed_tokens", "token_embd",
          "model.norm", "output_norm",
          "lm_head", "output");

  private static final Map<String, String> GPT2 =
      Map.of(
          "ln_1", "attn_norm",
          "attn.c_attn", "attn_qkv",
          "attn.c_proj", "attn_output",
          "ln_2", "ffn_norm",
          "mlp.c_fc", "ffn_up",
          "mlp.c_proj", "ffn_down");

  private static final Map<String, String> LLAMA =
      Map.of(
          "input_layernorm", "attn_norm",
          "self_attn.q_proj", "attn_q",
          "self_attn.k_proj", "attn_k",
          "self_attn.v_proj", "attn_v",
          "self_attn.o_proj", "attn_output",
          "post_attention_layernorm", "ffn_norm",
          "mlp.gate_proj", "ffn_gate",
          "mlp.up_proj", "ffn_up",
          "mlp.down_proj", "ffn_down");

  private static final Map<String, String> GEMMA3 =
      Map.ofEntries(
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("self_attn.q_norm", "attn_q_norm"),
          Map.entry("self_attn.k_norm", "attn_k_norm"),
          Map.entry("post_attention_layernorm", "post_attention_norm"),
          Map.entry("pre_feedforward_layernorm", "ffn_norm"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.down_proj", "ffn_down"),
          Map.entry("post_feedforward_layernorm", "post_ffw_norm"));

  private final String name;
  private final Map<String, String> modules;
  private final AttentionShape attention;

  private GgufArchitecture(String name, Map<String, String> modules, AttentionShape attention) {
    this.name = name;
    this.modules = modules;
    this.attention = attention;
  }

  /**
   * @throws FormatException if llama.cpp has no such architecture, as far as is known here
   */
  static GgufArchitecture of(Model model) throws FormatException {
    AttentionShape attention = model.attention().get(0);
    return switch (model.type()) {
      case "gpt2" -> new GgufArchitecture("gpt2", GPT2, attention);
      case "qwen2" -> new GgufArchitecture("qwen2", LLAMA, attention);
      case "llama" -> new GgufArchitecture("llama", LLAMA, attention);
      case "gemma3_text" -> new GgufArchitecture("gemma3", GEMMA3, attention);
      default ->
          throw new FormatException(
              "expected a model of type gpt2, qwen2, llama or gemma3_text for GGUF, found "
                  + model.type()
                  + "; export it as hf and convert it with llama.cpp");
    };
  }

  /** {@code general.architecture}. */
  String name() {
    return name;
  }

  /** llama.cpp's name of a weight, such as {@code blk.0.attn_q.weight}. */
  String tensor(String weight) {
    Matcher block = BLOCK.matcher(weight);
    if (block.matches()) {
      String module = modules.get(block.group(2));
      if (module != null) {
        return "blk." + block.group(1) + "." + module + "." + block.group(3);
      }
    }
    int dot = weight.lastIndexOf('.');
    String module = OUTSIDE.get(weight.substring(0, Math.max(0, dot)));
    if (module == null) {
      throw new IllegalArgumentException("llama.cpp has no name for " + weight);
    }
    return module + weight.substring(dot);
  }

  /** The dimensions in which llama.cpp stores a weight. */
  int[] shape(WeightSpec spec) {
    return spec.layout() == Layout.IN_OUT
        ? new int[] {spec.out(), spec.in()}
        : spec.shape().clone();
  }

  /** A weight as llama.cpp stores it; a vector is one row. */
  Matrix stored(WeightSpec spec, Matrix ours) {
    return moved(spec, ours, false);
  }

  /** A weight of a GGUF file as the model has it. */
  Matrix ours(WeightSpec spec, Matrix stored) {
    return moved(spec, stored, true);
  }

  private Matrix moved(WeightSpec spec, Matrix matrix, boolean back) {
    if (spec.layout() == Layout.IN_OUT) {
      return new Transposed(matrix);
    }
    if (name.equals("gemma3") && spec.name().endsWith("norm.weight")) {
      return plus(matrix, back ? -1 : 1);
    }
    if (reordered(spec.name())) {
      return spec.shape().length == 2
          ? new RowOrder(matrix, attention.width(), back)
          : reordered(matrix, back);
    }
    return matrix;
  }

  /** Whether the rows of a projection have another order in llama.cpp. */
  boolean reordered(String weight) {
    return name.equals("llama")
        && (weight.contains(".self_attn.q_proj.") || weight.contains(".self_attn.k_proj."));
  }

  /** B of an adapter, [out, r], whose rows are those of the projection. */
  Matrix rows(String weight, Matrix b, boolean back) {
    return reordered(weight) ? new RowOrder(b, attention.width(), back) : b;
  }

  private static Tensor plus(Matrix vector, float addend) {
    Tensor sum = Tensor.zeros(vector.cols());
    vector.read(0, 0, 1, vector.cols(), sum.data(), 0, vector.cols());
    for (int i = 0; i < sum.size(); i++) {
      sum.data()[i] += addend;
    }
    return sum;
  }

  private Tensor reordered(Matrix bias, boolean back) {
    float[] from = new float[bias.cols()];
    bias.read(0, 0, 1, from.length, from, 0, from.length);
    Tensor to = Tensor.zeros(from.length);
    for (int i = 0; i < from.length; i++) {
      to.data()[i] = from[RowOrder.source(i, attention.width(), back)];
    }
    return to;
  }
}
