package org.mobilefinetuner.ops;

import org.mobilefinetuner.kernel.SoftmaxSums;
import org.mobilefinetuner.tensor.Tensor;

/**
 * The rows of a batch that have a target.
 *
 * @param x all rows, [T, d]
 * @param rows the numbers of those that have a target, in order
 * @param targets of all rows
 * @param nll of all rows: the losses
 */
record SupervisedRows(Tensor x, int[] rows, int[] targets, float[] nll) {
  int count() {
    return rows.length;
  }

  /** Copies the values of {@code to.rows()} rows, number {@code from} first, to {@code to}. */
  void pack(int from, Tensor to) {
    for (int i = 0; i < to.rows(); i++) {
      to.copyRow(i, x, rows[from + i]);
    }
  }

  /** The targets of {@code count} rows, number {@code from} first. */
  int[] targets(int from, int count) {
    int[] wanted = new int[count];
    for (int i = 0; i < count; i++) {
      wanted[i] = targets[rows[from + i]];
    }
    return wanted;
  }

  /** Notes the losses of {@code count} rows, number {@code from} first. */
  void losses(int from, int count, SoftmaxSums sums) {
    for (int i = 0; i < count; i++) {
      nll[rows[from + i]] = sums.loss(i);
    }
  }

  /** Copies values of rows, number {@code from} first, to where those rows are in a [T, d]. */
  void unpack(int from, Tensor packed, Tensor all) {
    for (int i = 0; i < packed.rows(); i++) {
      all.copyRow(rows[from + i], packed, i);
    }
  }

  /** Moves the first rows of a [T, d] to where they belong; the others become 0. */
  void spread(Tensor all) {
    for (int t = all.rows() - 1, i = rows.length - 1; t >= 0; t--) {
      if (i >= 0 && rows[i] == t) {
        all.copyRow(t, all, i);
        i--;
      } else {
        all.rows(t, 1).fill(0);
      }
    }
  }
}
