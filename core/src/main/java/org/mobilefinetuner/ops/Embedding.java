package org.mobilefinetuner.ops;

import org.mobilefinetuner.autograd.GradientWriter;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.tensor.Tensor;

/**
 * y[t] = scale · table[ids[t]]. table: [V, d], y: [T, d].
 *
 * <p>Where the table is not in memory, or its gradient has no room there, there are only the rows
 * that the tokens ask for, which changes no bits.
 */
public final class Embedding {
  private Embedding() {}

  public static Tensor apply(Tape tape, int[] ids, Weight table, float scale) {
    Tensor y = tape.take(ids.length, table.value().cols());
    if (table instanceof Parameter p && p.isAbsent()) {
      gatherAbsent(tape, ids, p, scale, y);
    } else {
      for (int id : ids) {
        table.value().expect(id, 1);
      }
      tape.kernels().gather(table.value(), ids, scale, 0, y);
    }
    return tape.record(y, tape.needs(table), dy -> backward(tape, ids, table, scale, dy));
  }

  private static void gatherAbsent(Tape tape, int[] ids, Parameter table, float scale, Tensor y) {
    TableRows some = TableRows.of(ids);
    Tensor rows = tape.take(some.rows().length, y.cols());
    table.numbers().readRows(some.rows(), rows);
    tape.kernels().gather(rows, some.places(), scale, 0, y);
    tape.give(rows);
  }

  private static void backward(Tape tape, int[] ids, Weight table, float scale, Tensor dy) {
    if (tape.byRows()) {
      TableRows some = TableRows.of(ids);
      tape.gradientRows(table, some.rows(), scatter(tape, dy, some.places(), scale));
    } else {
      tape.gradient(table, scatter(tape, dy, ids, scale));
    }
  }

  private static GradientWriter scatter(Tape tape, Tensor dy, int[] places, float scale) {
    return (rows, beta) -> {
      if (beta == 0) {
        rows.fill(0);
      }
      tape.kernels().scatterAdd(dy, places, scale, rows);
    };
  }
}
