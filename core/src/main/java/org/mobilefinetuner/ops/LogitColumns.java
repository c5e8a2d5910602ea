package org.mobilefinetuner.ops;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.SoftmaxSums;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Logits of all rows and some columns at a time: W is read twice in all, once for the sums of the
 * softmax and once for the gradients, for which the logits are computed again.
 *
 * <p>Columns are cut where the products and the softmax cut their sums ({@link Kernels#piece}), and
 * the gradient of W is summed over the same rows, so that the bits are those of {@link LogitRows}.
 */
final class LogitColumns {
  private final Tape tape;
  private final Weight w;
  private final float scale;
  private final int vocabulary;
  private final int piece;

  LogitColumns(Tape tape, Weight w, float scale) {
    this.tape = tape;
    this.w = w;
    this.scale = scale;
    this.vocabulary = w.value().rows();
    this.piece = tape.kernels().piece(vocabulary);
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
    Tensor h = tape.take(rows, w.value().cols());
    int[] wanted = all.targets(0, rows);
    SoftmaxSums sums = new SoftmaxSums(rows, piece);
    all.pack(0, h);
    try (VocabularyTable table = new VocabularyTable(tape, w, most)) {
      columns(h, storage, table, (z, from, part) -> k.softmaxSums(z, from, wanted, sums));
      all.losses(0, rows, sums);
      if (dx != null || tape.needs(w)) {
        table.gradient(
            dw ->
                columns(
                    h,
                    storage,
                    table,
                    (z, from, part) -> {
                      k.softmaxGradient(z, from, wanted, scale, sums);
                      dw.add(from, z.cols(), (d, beta) -> gradientOfW(z, h, beta, d));
                      if (dx != null) {
                        k.productNN(1, z, part, from == 0 ? 0 : 1, dx.rows(0, rows));
                      }
                    }));
      }
    }
    if (dx != null) {
      all.spread(dx);
    }
    tape.give(h);
    tape.give(storage);
  }

  /** Summed as {@link LogitRows} sums it. */
  private void gradientOfW(Tensor z, Tensor h, float beta, Tensor dw) {
    for (int from = 0; from < z.rows(); from += LinearCrossEntropy.ROWS) {
      int count = Math.min(LinearCrossEntropy.ROWS, z.rows() - from);
      float first = from == 0 ? beta : 1;
      tape.kernels().productTN(1, z.rows(from, count), h.rows(from, count), first, dw);
    }
  }

  /** Computes the logits, some columns after the other. */
  private void columns(Tensor h, Tensor storage, VocabularyTable table, Columns columns) {
    int width = Math.max(1, storage.cols() / piece) * piece;
    for (int from = 0, some; from < vocabulary; from += some) {
      int rest = vocabulary - from;
      some = rest >= width ? width : rest >= piece ? rest / piece * piece : rest;
      Tensor z = storage.first(h.rows(), some);
      Matrix part = table.rows(from, some);
      w.value().expect(from + some, Math.min(some, rest - some)); // while this one is computed with
      tape.kernels().productNT(1, h, part, 0, z);
      columns.accept(z, from, part);
    }
  }

  /** Columns for which there is room, so many that a product is worth it. */
  private int most(int rows) {
    long floats = (long) rows + VocabularyTable.floatsOfRow(tape, w);
    long fit = Math.max(Kernels.LONGEST_PIECE, tape.pieces().bytes() / (4 * floats));
    return (int) Math.min(fit, vocabulary);
  }
}
