package org.mobilefinetuner.ops;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.SoftmaxSums;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Logits of all rows and some columns at a time: W, which is frozen, is read twice in all, once for
 * the sums of the softmax and once for the gradients, for which the logits are computed again.
 *
 * <p>Columns are cut where the products and the softmax cut their sums ({@link Kernels#piece}), so
 * that the bits are those of {@link LogitRows}.
 */
final class LogitColumns {
  private final Tape tape;
  private final Matrix w;
  private final float scale;
  private final int piece;

  LogitColumns(Tape tape, Weight w, float scale) {
    this.tape = tape;
    this.w = w.value();
    this.scale = scale;
    this.piece = tape.kernels().piece(this.w.rows());
  }

  /** What is done with some columns. */
  private interface Columns {
    void accept(Tensor logits, int from, Matrix rowsOfW);
  }

  /** Writes the losses of all rows, and their gradients to {@code dx} if there is one. */
  void run(SupervisedRows all, @Nullable Tensor dx) {
    Kernels k = tape.kernels();
    int rows = all.count();
    int most = most(rows);
    Tensor storage = tape.take(rows, most);
    Tensor h = tape.take(rows, w.cols());
    int[] wanted = all.targets(0, rows);
    SoftmaxSums sums = new SoftmaxSums(rows, piece);
    all.pack(0, h);
    columns(h, storage, (z, from, part) -> k.softmaxSums(z, from, wanted, sums));
    all.losses(0, rows, sums);
    if (dx != null) {
      Tensor packed = dx.rows(0, rows);
      columns(
          h,
          storage,
          (z, from, part) -> {
            k.softmaxGradient(z, from, wanted, scale, sums);
            k.productNN(1, z, part, from == 0 ? 0 : 1, packed);
          });
      all.spread(dx);
    }
    tape.give(h);
    tape.give(storage);
  }

  /** Computes the logits, some columns after the other. */
  private void columns(Tensor h, Tensor storage, Columns columns) {
    int vocabulary = w.rows();
    int width = Math.max(1, storage.cols() / piece) * piece;
    for (int from = 0, some; from < vocabulary; from += some) {
      int rest = vocabulary - from;
      some = rest >= width ? width : rest >= piece ? rest / piece * piece : rest;
      Tensor z = storage.first(h.rows(), some);
      Matrix part = w.rows(from, some);
      w.expect(from + some, Math.min(some, rest - some)); // while this one is computed with
      tape.kernels().productNT(1, h, part, 0, z);
      columns.accept(z, from, part);
    }
  }

  private int most(int rows) {
    long fit = Math.max(Kernels.LONGEST_PIECE, tape.pieces().bytes() / (4L * rows));
    return (int) Math.min(fit, w.rows());
  }
}
