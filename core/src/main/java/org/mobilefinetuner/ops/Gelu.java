package org.mobilefinetuner.ops;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.tensor.Tensor;

/**
 * y = gelu(x), the tanh approximation that GPT-2 calls {@code gelu_new}. x, y: one shape.
 *
 * <p>Hendrycks and Gimpel: Gaussian error linear units, arXiv 1606.08415.
 */
public final class Gelu {
  private Gelu() {}

  /**
   * y = gelu(x + bias), of which x keeps x + bias: the bias costs no pass of its own.
   *
   * @param x the output of an operation that does not read it in its backward pass, [T, d]
   * @param bias [d], or null for none
   */
  public static Tensor apply(Tape tape, Tensor x, @Nullable Weight bias) {
    if (bias == null) {
      return apply(tape, x);
    }
    var k = tape.kernels();
    Tensor y = tape.like(x);
    k.biasGelu(bias.vector(), x, y);
    tape.record(
        x,
        tape.needs(x) || tape.needs(bias),
        dx -> {
          tape.gradient(bias, (db, beta) -> k.sumRows(dx, beta, db));
          tape.passOn(x, dx);
        });
    return record(tape, x, y);
  }

  public static Tensor apply(Tape tape, Tensor x) {
    Tensor y = tape.like(x);
    tape.kernels().gelu(x, y);
    return record(tape, x, y);
  }

  private static Tensor record(Tape tape, Tensor x, Tensor y) {
    var k = tape.kernels();
    if (tape.needs(x)) {
      tape.keep(x);
    }
    return tape.record(
        y, tape.needs(x), dy -> tape.gradient(x, (dx, beta) -> k.geluBackward(dy, x, beta, dx)));
  }
}
