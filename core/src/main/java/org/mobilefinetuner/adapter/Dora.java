package org.mobilefinetuner.adapter;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.ops.Add;
import org.mobilefinetuner.ops.ColumnScale;
import org.mobilefinetuner.ops.Dropout;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.ops.Linear;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * x·Vᵀ·(m/‖V‖) + bias, where V = W + scale·B·A and ‖V‖ are the norms of its rows: LoRA changes the
 * direction of each row of W, the magnitudes m, [out], its length.
 *
 * <p>Liu et al.: DoRA, arXiv 2402.09353. As in PEFT the norms are constants for the backward pass
 * (section 4.3), and where dropout leaves x' of x, the result is x·Wᵀ + (x'·Vᵀ·m/‖V‖ - x'·Wᵀ).
 *
 * <p>V is never made: ‖v‖² = ‖w‖² + b·(2s·A·w + s²·A·Aᵀ·b) for a row b of B, where A·Wᵀ costs what
 * r tokens cost the base.
 */
public final class Dora implements LowRankAdapter {
  private static final int PANEL = 1 << 16; // values of W that are decoded at a time

  private final Lora lora;
  private final Parameter magnitude;
  private @Nullable Tensor squares; // ‖w‖² of the base, which is frozen

  /**
   * @param magnitude m, [out]
   */
  public Dora(Lora lora, Parameter magnitude) {
    if (magnitude.value().size() != lora.b().value().rows()) {
      throw new IllegalArgumentException(
          "expected a magnitude for each row of B, found " + magnitude + ", " + lora.b());
    }
    this.lora = lora;
    this.magnitude = magnitude;
  }

  /** PEFT's initialisation: the magnitudes are the norms that there are. The name is PEFT's. */
  public static Dora init(String site, Lora lora, Kernels kernels, Matrix weight, Layout layout) {
    Parameter m = new Parameter(nameOfMagnitude(site), Tensor.zeros(lora.b().value().rows()));
    Dora dora = new Dora(lora, m);
    m.value().copyFrom(dora.norms(kernels, weight, layout));
    return dora;
  }

  public static String nameOfMagnitude(String site) {
    return "base_model.model." + site + ".lora_magnitude_vector";
  }

  @Override
  public Lora lora() {
    return lora;
  }

  public Parameter magnitude() {
    return magnitude;
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(lora.a(), lora.b(), magnitude);
  }

  @Override
  public Tensor apply(Tape tape, Projection base, Tensor x) {
    if (base.weight().trainable()) {
      throw new IllegalArgumentException(
          "expected a frozen weight under DoRA, found that " + base.weight() + " is trained");
    }
    Matrix weight = base.weight().value();
    int rank = lora.rank();
    Tensor gram = tape.take(rank, rank);
    Tensor change = tape.take(rank, magnitude.value().size());
    Tensor norms = tape.take(magnitude.value().size());
    norms(tape.kernels(), weight, base.layout(), gram, change, norms);
    tape.give(gram);
    tape.give(change);
    return apply(tape, base, x, norms);
  }

  /** The same with norms that were computed before. */
  Tensor apply(Tape tape, Projection base, Tensor x, Tensor norms) {
    Tensor left = Dropout.apply(tape, x, lora.dropout());
    Tensor product = Linear.apply(tape, left, base.weight(), base.layout(), null);
    Tensor sum = lora.addTo(tape, product, left);
    if (left == x) {
      return ColumnScale.apply(tape, sum, magnitude, norms, base.bias());
    }
    Tensor rest = base.linear(tape, Add.scaled(tape, x, -1, left)); // x·Wᵀ - x'·Wᵀ + bias
    return Add.apply(tape, rest, ColumnScale.apply(tape, sum, magnitude, norms, null));
  }

  @Override
  public void merge(Kernels kernels, Layout layout, Tensor weight) {
    Tensor gain = norms(kernels, weight, layout);
    kernels.divide(magnitude.value(), gain, 0, gain);
    lora.merge(kernels, layout, weight);
    if (layout == Layout.IN_OUT) {
      kernels.scaleColumns(weight, gain, 0, weight);
      return;
    }
    for (int row = 0; row < weight.rows(); row++) {
      Tensor w = weight.rows(row, 1);
      kernels.axpy(gain.data()[gain.offset() + row], w, 0, w);
    }
  }

  /** ‖V‖, [out]. */
  private Tensor norms(Kernels kernels, Matrix weight, Layout layout) {
    int rank = lora.rank();
    int out = magnitude.value().size();
    Tensor norms = Tensor.zeros(out);
    norms(kernels, weight, layout, Tensor.zeros(rank, rank), Tensor.zeros(rank, out), norms);
    return norms;
  }

  /** ‖V‖ with scratch memory for A·Aᵀ, [r, r], and 2s·A·Wᵀ + s²·A·Aᵀ·Bᵀ, [r, out]. */
  private void norms(
      Kernels k, Matrix weight, Layout layout, Tensor gram, Tensor change, Tensor norms) {
    Tensor ofBase = squares;
    if (ofBase == null) {
      ofBase = squares(k, weight, layout);
      squares = ofBase;
    }
    Tensor a = lora.a().value();
    Tensor b = lora.b().value();
    float s = lora.scale();
    k.productNT(s * s, a, a, 0, gram);
    k.productNT(1, gram, b, 0, change);
    if (layout == Layout.OUT_IN) {
      k.productNT(2 * s, a, weight, 1, change);
    } else {
      k.productNN(2 * s, a, weight, 1, change);
    }
    k.changedNorms(ofBase, b, change, norms);
  }

  /** ‖w‖² for each output, [out], panel by panel. */
  private static Tensor squares(Kernels k, Matrix weight, Layout layout) {
    int cols = weight.cols();
    int most = Math.max(1, Math.min(weight.rows(), PANEL / Math.max(1, cols)));
    Tensor panel = Tensor.zeros(most, cols);
    Tensor squares = Tensor.zeros(layout == Layout.OUT_IN ? weight.rows() : cols);
    for (int from = 0; from < weight.rows(); from += most) {
      int count = Math.min(most, weight.rows() - from);
      Tensor rows = panel.rows(0, count);
      weight.read(from, 0, count, cols, rows.data(), rows.offset(), cols);
      if (layout == Layout.IN_OUT) {
        k.sumProducts(rows, rows, 1, squares);
      } else {
        for (int i = 0; i < count; i++) {
          squares.data()[from + i] = (float) k.squaredNorm(rows.rows(i, 1));
        }
      }
    }
    return squares;
  }
}
