package org.mobilefinetuner.ops;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.tensor.Tensor;

/**
 * y = gelu(x), the tanh approximation that GPT-2 calls {@code gelu_new}. x, y: one shape.
 *
 * <p>Hendrycks and Gimpel: Gaussian error linear units, arXiv 1606.08415.
 */
public final class Gelu {
  private Gelu() {}

  public static Tensor apply(Tape tape, Tensor x) {
    var k = tape.kernels();
    Tensor y = tape.like(x);
    k.gelu(x, y);
    if (tape.needs(x)) {
      tape.keep(x);
    }
    return tape.record(
        y, tape.needs(x), dy -> tape.gradient(x, (dx, beta) -> k.geluBackward(dy, x, beta, dx)));
  }
}
