package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;
import static org.mobilefinetuner.vector.Product.GROUPS;
import static org.mobilefinetuner.vector.Product.WIDTH;

import jdk.incubator.vector.FloatVector;

/** Products of small packed matrices, on one thread, into scratch that is padded to whole tiles. */
final class Tiles {
  private Tiles() {}

  /**
   * C = A·B, or C += A·B. Of C, {@code m} rows rounded up to four and {@code n} columns rounded up
   * to vectors are written.
   *
   * @param pa groups, {@code as} apart
   * @param pb panels from {@code bo} on, {@code bs} apart, of which {@code skip} rows are passed
   *     over
   */
  static void multiply(
      int m,
      int n,
      int kc,
      float[] pa,
      int as,
      float[] pb,
      int bo,
      int bs,
      int skip,
      boolean add,
      float[] c,
      int co,
      int ldc,
      float[] tile) {
    int groups = (m + 3) / 4;
    for (int g = 0; g < groups; g += GROUPS) {
      int tall = Math.min(GROUPS, groups - g);
      for (int col = 0, panel = bo; col < n; col += WIDTH, panel += bs) {
        int vectors = (Math.min(WIDTH, n - col) + L - 1) / L;
        int from = panel + skip * vectors * L;
        MicroKernel.run(tall, vectors, kc, pa, g * as, as, pb, from, tile);
        put(tile, 4 * tall, vectors * L, add, c, co + 4 * g * ldc + col, ldc);
      }
    }
  }

  private static void put(
      float[] tile, int rows, int cols, boolean add, float[] c, int co, int ldc) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j += L) {
        FloatVector value = FloatVector.fromArray(F, tile, i * cols + j);
        int o = co + i * ldc + j;
        (add ? FloatVector.fromArray(F, c, o).add(value) : value).intoArray(c, o);
      }
    }
  }
}
