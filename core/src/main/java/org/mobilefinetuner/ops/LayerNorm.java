package org.mobilefinetuner.ops;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.tensor.Tensor;

/**
 * y = (x - mean(x))/√(var(x) + eps) ⊙ gain + bias, row by row. x, y: [T, d]; gain, bias: [d].
 *
 * <p>Ba, Kiros, Hinton: Layer normalization, arXiv 1607.06450.
 */
public final class LayerNorm {
  private LayerNorm() {}

  public static Tensor apply(Tape tape, Tensor x, Weight gain, Weight bias, float eps) {
    var k = tape.kernels();
    Tensor y = tape.like(x);
    Tensor mean = tape.take(x.rows());
    Tensor rstd = tape.take(x.rows());
    k.layerNorm(x, gain.vector(), bias.vector(), eps, y, mean, rstd);
    boolean needed = tape.needs(x) || tape.needs(gain) || tape.needs(bias);
    if (needed) {
      tape.keep(x);
      tape.keep(mean);
      tape.keep(rstd);
    }
    return tape.record(
        y,
        needed,
        dy -> {
          tape.gradient(
              x, (dx, beta) -> k.layerNormBackward(dy, x, gain.vector(), mean, rstd, beta, dx));
          tape.gradient(gain, (dg, beta) -> k.layerNormGainGradient(dy, x, mean, rstd, beta, dg));
          tape.gradient(bias, (db, beta) -> k.sumRows(dy, beta, db));
        });
  }
}
