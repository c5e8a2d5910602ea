package org.mobilefinetuner.ops;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Activation;
import org.mobilefinetuner.tensor.Tensor;

/**
 * y = activation(gate) ⊙ up, a gated linear unit: SwiGLU with SILU, GeGLU with GELU. All of one
 * shape.
 *
 * <p>Shazeer: GLU variants improve transformer, arXiv 2002.05202.
 */
public final class Glu {
  private Glu() {}

  public static Tensor apply(Tape tape, Activation activation, Tensor gate, Tensor up) {
    var k = tape.kernels();
    Tensor y = tape.like(gate);
    k.glu(activation, gate, up, 0, y);
    boolean needed = tape.needs(gate) || tape.needs(up);
    if (needed) {
      tape.keep(gate);
      tape.keep(up);
    }
    return tape.record(
        y,
        needed,
        dy -> {
          tape.gradient(gate, (dg, beta) -> k.gluBackward(activation, dy, gate, up, beta, dg));
          tape.gradient(up, (du, beta) -> k.glu(activation, gate, dy, beta, du));
        });
  }
}
