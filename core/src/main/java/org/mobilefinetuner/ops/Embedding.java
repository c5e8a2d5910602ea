package org.mobilefinetuner.ops;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.tensor.Tensor;

/** y[t] = scale · table[ids[t]]. table: [V, d], y: [T, d]. */
public final class Embedding {
  private Embedding() {}

  public static Tensor apply(Tape tape, int[] ids, Weight table, float scale) {
    var k = tape.kernels();
    Tensor y = tape.take(ids.length, table.value().cols());
    for (int id : ids) {
      table.value().expect(id, 1);
    }
    k.gather(table.value(), ids, scale, 0, y);
    return tape.record(
        y,
        tape.needs(table),
        dy ->
            tape.gradient(
                table,
                (dt, beta) -> {
                  if (beta == 0) {
                    dt.fill(0);
                  }
                  k.scatterAdd(dy, ids, scale, dt);
                }));
  }
}
