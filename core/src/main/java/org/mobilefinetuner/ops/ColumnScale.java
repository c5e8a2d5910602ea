package org.mobilefinetuner.ops;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.tensor.Tensor;

/**
 * y = x·(m/n) + b, column by column. x, y: [T, out]; m, n: [out]; b: [out] or none.
 *
 * <p>n is a constant: it has no gradient.
 */
public final class ColumnScale {
  private ColumnScale() {}

  public static Tensor apply(Tape tape, Tensor x, Weight m, Tensor n, @Nullable Weight bias) {
    var k = tape.kernels();
    Tensor gain = tape.like(n);
    k.divide(m.vector(), n, 0, gain);
    Tensor y = tape.like(x);
    k.scaleColumns(x, gain, 0, y);
    if (bias != null) {
      k.addRow(bias.vector(), y);
    }
    if (tape.needs(x)) {
      tape.keep(gain);
    }
    if (tape.needs(m)) {
      tape.keep(x);
      tape.keep(n);
    }
    return tape.record(
        y,
        tape.needs(x) || tape.needs(m) || tape.needs(bias),
        dy -> {
          tape.gradient(x, (dx, beta) -> k.scaleColumns(dy, gain, beta, dx));
          tape.gradient(
              m,
              (dm, beta) -> {
                Tensor sum = tape.like(n);
                k.sumProducts(dy, x, 0, sum);
                k.divide(sum, n, beta, dm);
                tape.give(sum);
              });
          tape.gradient(bias, (db, beta) -> k.sumRows(dy, beta, db));
        });
  }
}
