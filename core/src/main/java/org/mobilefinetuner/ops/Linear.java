package org.mobilefinetuner.ops;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Tensor;

/**
 * y = x·Wᵀ + b, or x·W + b, by the layout of W.
 *
 * <p>x: [T, in], W: [out, in] or [in, out], b: [out] or none, y: [T, out].
 */
public final class Linear {
  private Linear() {}

  public static Tensor apply(Tape tape, Tensor x, Weight w) {
    return apply(tape, x, w, Layout.OUT_IN, null);
  }

  public static Tensor apply(Tape tape, Tensor x, Weight w, Layout layout, @Nullable Weight bias) {
    var k = tape.kernels();
    boolean outIn = layout == Layout.OUT_IN;
    Tensor y = tape.take(x.rows(), outIn ? w.value().rows() : w.value().cols());
    if (x.rows() == 1 && !tape.training()) {
      row(k, x, w, outIn, y);
    } else if (outIn) {
      k.productNT(1, x, w.value(), 0, y);
    } else {
      k.productNN(1, x, w.value(), 0, y);
    }
    if (bias != null) {
      k.addRow(bias.vector(), y);
    }
    if (tape.needs(w)) {
      tape.keep(x);
    }
    return tape.record(
        y,
        tape.needs(x) || tape.needs(w) || tape.needs(bias),
        dy -> {
          tape.gradient(
              x,
              (dx, beta) -> {
                if (outIn) {
                  k.productNN(1, dy, w.value(), beta, dx);
                } else {
                  k.productNT(1, dy, w.value(), beta, dx);
                }
              });
          tape.gradient(
              w,
              (dw, beta) -> {
                if (outIn) {
                  k.productTN(1, dy, x, beta, dw);
                } else {
                  k.productTN(1, x, dy, beta, dw);
                }
              });
          tape.gradient(bias, (db, beta) -> k.sumRows(dy, beta, db));
        });
  }

  /** A token of a text that is being generated. */
  private static void row(Kernels k, Tensor x, Weight w, boolean outIn, Tensor y) {
    if (outIn) {
      k.rowNT(x, w.value(), y);
    } else {
      k.rowNN(x, w.value(), y);
    }
  }
}
