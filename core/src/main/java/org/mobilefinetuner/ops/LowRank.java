package org.mobilefinetuner.ops;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.tensor.Tensor;

/**
 * y += scale·x·Aᵀ·Bᵀ, in place: y has the values of a wide layer, and is neither copied on the way
 * forward nor its gradient on the way back.
 *
 * <p>x: [T, in], A: [r, in], B: [out, r], y: [T, out].
 */
public final class LowRank {
  private LowRank() {}

  /**
   * @param y the output of an operation that does not read it in its backward pass
   * @return y
   */
  public static Tensor addTo(Tape tape, Tensor y, float scale, Tensor x, Weight a, Weight b) {
    var k = tape.kernels();
    Tensor h = tape.take(x.rows(), a.value().rows());
    k.productNT(1, x, a.value(), 0, h);
    k.productNT(scale, h, b.value(), 1, y);
    boolean inner = tape.needs(x) || tape.needs(a);
    if (tape.needs(a)) {
      tape.keep(x);
    }
    if (tape.needs(b)) {
      tape.keep(h);
    }
    return tape.record(
        y,
        inner || tape.needs(b) || tape.needs(y),
        dy -> {
          tape.gradient(b, (db, beta) -> k.productTN(scale, dy, h, beta, db));
          if (inner) {
            Tensor dh = tape.like(h);
            k.productNN(scale, dy, b.value(), 0, dh);
            tape.gradient(a, (da, beta) -> k.productTN(1, dh, x, beta, da));
            tape.gradient(x, (dx, beta) -> k.productNN(1, dh, a.value(), beta, dx));
            tape.give(dh);
          }
          tape.passOn(y, dy);
        });
  }
}
