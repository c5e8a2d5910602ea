package org.mobilefinetuner.ops;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.tensor.Tensor;

/**
 * y = x/√(mean(x²) + eps) ⊙ (offset + gain), over each d neighbours. x, y: [T, n·d]; gain: [d].
 *
 * <p>With n = 1 a row is normalised as a whole, with n heads each on its own. Offset is 0, or 1
 * where a model stores its gain less one (Gemma). Zhang, Sennrich: Root mean square layer
 * normalization, arXiv 1910.07467.
 */
public final class RmsNorm {
  private RmsNorm() {}

  public static Tensor apply(Tape tape, Tensor x, Weight gain, float offset, float eps) {
    var k = tape.kernels();
    Tensor y = tape.like(x);
    Tensor rstd = tape.take(x.size() / gain.vector().size());
    k.rmsNorm(x, gain.vector(), offset, eps, y, rstd);
    boolean needed = tape.needs(x) || tape.needs(gain);
    if (needed) {
      tape.keep(x);
      tape.keep(rstd);
    }
    return tape.record(
        y,
        needed,
        dy -> {
          tape.gradient(
              x, (dx, beta) -> k.rmsNormBackward(dy, x, gain.vector(), offset, rstd, beta, dx));
          tape.gradient(gain, (dg, beta) -> k.rmsNormGainGradient(dy, x, rstd, beta, dg));
        });
  }
}
