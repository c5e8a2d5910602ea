package org.mobilefinetuner.adapter;

import java.util.List;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.ops.Dropout;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.ops.LowRank;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Transposed;

/**
 * base(x) + scale·dropout(x)·Aᵀ·Bᵀ. A: [r, in], B: [out, r], whatever the base's layout.
 *
 * <p>Hu et al.: LoRA, arXiv 2106.09685. The scale is alpha/r, or alpha/√r if it is rank-stabilised
 * (Kalajdzievski, arXiv 2312.03732).
 */
public record Lora(Parameter a, Parameter b, float scale, float dropout) implements LowRankAdapter {
  public Lora {
    if (a.value().rows() != b.value().cols()) {
      throw new IllegalArgumentException(
          "expected A [r, in] and B [out, r], found " + a + ", " + b);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("expected a LoRA dropout in [0, 1), found " + dropout);
    }
  }

  public int rank() {
    return a.value().rows();
  }

  @Override
  public Lora lora() {
    return this;
  }

  /** alpha/r, or alpha/√r. */
  public static float scale(double alpha, int rank, boolean rankStabilised) {
    return (float) (alpha / divisor(rank, rankStabilised));
  }

  /** The alpha that gives this scale. */
  public float alpha(boolean rankStabilised) {
    return (float) (scale * divisor(rank(), rankStabilised));
  }

  private static double divisor(int rank, boolean rankStabilised) {
    return rankStabilised ? Math.sqrt(rank) : rank;
  }

  /** PEFT's initialisation: A uniform in ±1/√in, B zero. The names are PEFT's. */
  public static Lora init(
      String site, int in, int out, int rank, float scale, float dropout, long seed) {
    Tensor a = Tensor.zeros(rank, in);
    float bound = (float) (1 / Math.sqrt(in));
    long key = Draws.key(seed, site.hashCode());
    for (int i = 0; i < a.size(); i++) {
      a.data()[i] = bound * (2 * Draws.uniform(Draws.key(key, i)) - 1);
    }
    return new Lora(
        new Parameter(nameOfA(site), a),
        new Parameter(nameOfB(site), Tensor.zeros(out, rank)),
        scale,
        dropout);
  }

  public static String nameOfA(String site) {
    return "base_model.model." + site + ".lora_A.weight";
  }

  public static String nameOfB(String site) {
    return "base_model.model." + site + ".lora_B.weight";
  }

  @Override
  public Tensor apply(Tape tape, Projection base, Tensor x) {
    return addTo(tape, base.linear(tape, x), Dropout.apply(tape, x, dropout));
  }

  /** y += scale·x·Aᵀ·Bᵀ, in place. x: [T, in], y: [T, out]. */
  Tensor addTo(Tape tape, Tensor y, Tensor x) {
    return LowRank.addTo(tape, y, scale, x, a, b);
  }

  /** Adds scale·B·A to a weight [out, in], its transpose to GPT-2's [in, out]. */
  @Override
  public void merge(Kernels kernels, Layout layout, Tensor weight) {
    if (layout == Layout.OUT_IN) {
      kernels.productNN(scale, b.value(), a.value(), 1, weight);
    } else {
      kernels.productTN(scale, a.value(), Transposed.copy(b.value()), 1, weight);
    }
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(a, b);
  }
}
