package org.mobilefinetuner.ops;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.tensor.Tensor;

/** y = a + s·b. All of one shape. */
public final class Add {
  private Add() {}

  public static Tensor apply(Tape tape, Tensor a, Tensor b) {
    return scaled(tape, a, 1, b);
  }

  public static Tensor scaled(Tape tape, Tensor a, float s, Tensor b) {
    var k = tape.kernels();
    Tensor y = tape.like(a);
    k.add(a, s, b, y);
    return tape.record(
        y,
        tape.needs(a) || tape.needs(b),
        dy -> {
          if (s == 1) {
            tape.passOn(b, dy);
          } else {
            tape.gradient(b, (db, beta) -> k.axpy(s, dy, beta, db));
          }
          tape.passOn(a, dy);
        });
  }
}
