package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;

import jdk.incubator.vector.FloatVector;

/**
 * The two layouts that the {@link MicroKernel} reads.
 *
 * <p><b>Groups</b> hold four rows of A: four values for each k, k after k. A tile of 4, 8 or 12
 * rows takes one to three of them. <b>Panels</b> hold a few vectors of neighbouring columns of B:
 * one row of the panel for each k. What lies outside of the matrix is zero or left as it was: it
 * reaches only what is thrown away.
 */
final class Pack {
  /** Every length of K is rounded up to a multiple of this, so that packing writes squares. */
  static final int STEP = 16;

  private Pack() {}

  static int roundUp(int n, int multiple) {
    return (n + multiple - 1) / multiple * multiple;
  }

  /**
   * Packs {@code rows} rows, {@code ld} apart, of which {@code kc} columns are read, to groups at
   * {@code at}, {@code step} apart.
   */
  static void rows(
      float[] a, int ao, int ld, int rows, int kc, float[] to, int at, int step, Scratch own) {
    for (int i = 0, o = at; i < rows; i += 4, o += step) {
      int from = ao + i * ld;
      int whole = rows - i >= 4 ? kc / L * L : 0;
      for (int p = 0; p < whole; p += L) {
        Quads.interleave(a, from + p, ld, to, o + 4 * p);
      }
      for (int p = whole; p < kc; p += L) {
        square(a, from + p, ld, Math.min(4, rows - i), Math.min(L, kc - p), own.edge);
        Quads.interleave(own.edge, 0, L, to, o + 4 * p);
      }
    }
  }

  /**
   * Packs {@code rows} columns of a matrix of {@code kc} rows, {@code ld} apart: the groups of its
   * transpose.
   */
  static void columns(float[] a, int ao, int ld, int rows, int kc, float[] to, int at, int step) {
    int i = 0;
    for (; i + 16 <= rows; i += 16) {
      Quads.spread(a, ao + i, ld, kc, to, at + i / 4 * step, step);
    }
    for (; i < rows; i += 4) {
      int o = at + i / 4 * step;
      int width = Math.min(4, rows - i);
      for (int p = 0; p < kc; p++) {
        for (int j = 0; j < width; j++) {
          to[o + 4 * p + j] = a[ao + i + p * ld + j];
        }
      }
    }
  }

  /**
   * Packs {@code n} rows of Bᵀ, {@code ld} apart, {@code kc} values of each, to a panel of {@code
   * width} columns.
   */
  static void transposed(
      float[] b, int bo, int ld, int n, int kc, float[] to, int at, int width, Scratch own) {
    for (int j = 0; j < n; j += L) {
      int from = bo + j * ld;
      int whole = n - j >= L ? kc / L * L : 0;
      for (int p = 0; p < whole; p += L) {
        Transpose.run(b, from + p, ld, to, at + p * width + j, width, own.square);
      }
      for (int p = whole; p < kc; p += L) {
        square(b, from + p, ld, Math.min(L, n - j), Math.min(L, kc - p), own.edge);
        Transpose.run(own.edge, 0, L, to, at + p * width + j, width, own.square);
      }
    }
  }

  /**
   * Packs {@code kc} rows of B, {@code ld} apart, {@code n} values of each, to the rows from {@code
   * row} on of panels of {@code width} columns, {@code step} apart; the last may be narrower, a
   * multiple of L. Whole rows are read, because memory is fastest in order.
   */
  static void straight(
      float[] b, int bo, int ld, int n, int kc, float[] to, int row, int width, int step) {
    int whole = n / width;
    for (int p = 0; p < kc; p++) {
      int from = bo + p * ld;
      int o = (row + p) * width;
      for (int q = 0; q < whole; q++, from += width, o += step) {
        for (int j = 0; j < width; j += L) {
          FloatVector.fromArray(F, b, from + j).intoArray(to, o + j);
        }
      }
    }
    int rest = n - whole * width;
    int narrow = roundUp(rest, L);
    for (int p = 0; rest > 0 && p < kc; p++) {
      System.arraycopy(b, bo + p * ld + whole * width, to, whole * step + (row + p) * narrow, rest);
    }
  }

  /** Copies a corner of a matrix to rows of L, with zeros around it. */
  private static void square(float[] from, int o, int ld, int rows, int cols, float[] edge) {
    java.util.Arrays.fill(edge, 0, L * L, 0);
    for (int i = 0; i < rows; i++) {
      System.arraycopy(from, o + i * ld, edge, i * L, cols);
    }
  }
}
