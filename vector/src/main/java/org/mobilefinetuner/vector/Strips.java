package org.mobilefinetuner.vector;

import org.mobilefinetuner.tensor.Tensor;

/**
 * Packs parts of A to groups of four rows.
 *
 * @param byColumns whether the rows of the product are the columns of the tensor
 */
record Strips(Tensor a, boolean byColumns) {
  /**
   * Packs {@code count} rows from {@code row} on, {@code length} values of each from {@code p} on,
   * to groups at {@code at}, {@code step} apart.
   */
  void pack(int row, int count, int p, int length, float[] to, int at, int step, Scratch own) {
    int ld = a.cols();
    if (byColumns) {
      Pack.columns(a.data(), a.offset() + p * ld + row, ld, count, length, to, at, step);
    } else {
      Pack.rows(a.data(), a.offset() + row * ld + p, ld, count, length, to, at, step, own);
    }
  }
}
