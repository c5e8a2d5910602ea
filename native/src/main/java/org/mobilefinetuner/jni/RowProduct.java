package org.mobilefinetuner.jni;

import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Products of a single row, as generation makes them token by token: every weight is read once, in
 * the order of memory, and used once.
 */
final class RowProduct {
  private static final int TASK = 1 << 17; // weights of a task
  private static final int STRIP = 64; // the fewest columns of a task

  private final Parallel parallel;
  private final Scratch[] scratch;
  private final Descriptions descriptions;

  RowProduct(Parallel parallel, Scratch[] scratch, Descriptions descriptions) {
    this.parallel = parallel;
    this.scratch = scratch;
    this.descriptions = descriptions;
  }

  /** y = x·Bᵀ. B: [n, k]. */
  void transposed(Tensor x, Matrix b, Tensor y) {
    int k = b.cols();
    int n = b.rows();
    int rows = Math.max(1, TASK / Math.max(1, k));
    Weights weights = new Weights(b, descriptions);
    parallel.run(
        (n + rows - 1) / rows,
        (task, thread) -> {
          Scratch own = scratch[thread];
          int row = task * rows;
          int last = Math.min(n, row + rows);
          Weights.Part part = weights.part(row, 0, last - row, k, own);
          Library.rowNT(
              x.data(),
              x.offset(),
              part.floats(),
              part.at(),
              part.row(),
              weights.address(),
              k,
              row,
              last,
              y.data(),
              y.offset(),
              own.floats(k));
        });
  }

  /** y = x·B. B: [k, n]. */
  void straight(Tensor x, Matrix b, Tensor y) {
    int k = b.rows();
    int n = b.cols();
    int strips = Math.max(1, Math.min(parallel.threads() * 2, n / STRIP));
    int width = (n + strips - 1) / strips;
    Weights weights = new Weights(b, descriptions);
    parallel.run(
        (n + width - 1) / width,
        (task, thread) -> {
          Scratch own = scratch[thread];
          int column = task * width;
          int last = Math.min(n, column + width);
          Weights.Part part = weights.part(0, column, k, last - column, own);
          Library.rowNN(
              x.data(),
              x.offset(),
              part.floats(),
              part.at(),
              part.ld(),
              part.column(),
              weights.address(),
              k,
              column,
              last,
              y.data(),
              y.offset(),
              own.floats(Library.rowNNFloats(last - column)));
        });
  }
}
