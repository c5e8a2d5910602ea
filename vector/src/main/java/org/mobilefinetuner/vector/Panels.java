package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.L;
import static org.mobilefinetuner.vector.Pack.roundUp;

import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Packs parts of B to panels: from a tensor's array at once, from any other format through a few
 * decoded rows that stay in the first cache. The panels are the same either way.
 */
final class Panels {
  private static final int COLUMNS = 128; // decoded at a time of each row, if transposed
  private static final int ROWS = 16; // decoded at a time otherwise

  private final Matrix b;
  private final boolean transposed;
  private final Rectangles rectangles;
  private final int width;

  /** Panels of {@code width} columns of B, or of Bᵀ if it is {@code transposed}. */
  Panels(Matrix b, boolean transposed, int width) {
    this.b = b;
    this.transposed = transposed;
    this.rectangles = new Rectangles(b);
    this.width = width;
  }

  /**
   * Packs {@code count} columns from {@code col} on, {@code length} values of each from {@code p}
   * on, to panels that are {@code step} apart.
   */
  void pack(int col, int count, int p, int length, float[] to, int step, Scratch own) {
    if (!transposed) {
      straight(col, count, p, length, to, step, own);
      return;
    }
    for (int j = 0; j < count; j += width) {
      transpose(col + j, Math.min(width, count - j), p, length, to, j / width * step, own);
    }
  }

  /** The bytes that are read from a file, all rows of them for every chunk of K. */
  long bytes() {
    return transposed || b instanceof Tensor ? 0 : b.bytes();
  }

  /** Tells B that {@code count} columns from {@code col} on have been packed for the last time. */
  void releaseColumns(int col, int count) {
    if (transposed) {
      b.release(col, count);
    }
  }

  /** The same of {@code length} values of every column, from {@code p} on. */
  void releaseDepth(int p, int length) {
    if (!transposed) {
      b.release(p, length);
    }
  }

  /** Tells B that all of it has been packed: also what one task has brought near for another. */
  void release() {
    b.release(0, b.rows());
  }

  private void transpose(int col, int count, int p, int length, float[] to, int at, Scratch own) {
    int wide = roundUp(count, L);
    int k = b.cols();
    if (b instanceof Tensor t) {
      int bo = t.offset() + col * k + p;
      Pack.transposed(t.data(), bo, k, count, length, to, at, wide, own);
      return;
    }
    float[] rows = own.floats(Scratch.DECODED, width * COLUMNS);
    for (int i = 0; i < length; i += COLUMNS) {
      int some = Math.min(COLUMNS, length - i);
      rectangles.read(col, p + i, count, some, rows, 0, COLUMNS);
      Pack.transposed(rows, 0, COLUMNS, count, some, to, at + i * wide, wide, own);
    }
  }

  private void straight(int col, int count, int p, int length, float[] to, int step, Scratch own) {
    int n = b.cols();
    if (b instanceof Tensor t) {
      int bo = t.offset() + p * n + col;
      Pack.straight(t.data(), bo, n, count, length, to, 0, width, step);
      return;
    }
    float[] rows = own.floats(Scratch.DECODED, ROWS * count);
    for (int i = 0; i < length; i += ROWS) {
      int some = Math.min(ROWS, length - i);
      rectangles.read(p + i, col, some, count, rows, 0, count);
      Pack.straight(rows, 0, count, count, some, to, i, width, step);
    }
  }
}
