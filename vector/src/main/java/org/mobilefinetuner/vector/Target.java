package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;

import jdk.incubator.vector.FloatVector;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Where the tiles of a product go.
 *
 * @param transposed whether the product's columns are the rows of C
 */
record Target(Tensor c, boolean transposed, float alpha) {
  int rows() {
    return transposed ? c.cols() : c.rows();
  }

  int cols() {
    return transposed ? c.rows() : c.cols();
  }

  /**
   * Reads what a tile will be added to, so that it comes near while the tile is computed: worth 8 %
   * where K has several chunks. Returns something that depends on all of it.
   */
  float touch(int top, int left, int high, int wide) {
    float[] from = c.data();
    int n = c.cols();
    int o = c.offset() + (transposed ? left * n + top : top * n + left);
    float sum = 0;
    for (int i = 0; !transposed && i < high; i++, o += n) {
      sum += from[o] + from[o + wide / 2] + from[o + wide - 1];
    }
    return sum;
  }

  /** Takes {@code high} rows of {@code wide} values of a tile whose rows are {@code ld} long. */
  void put(float[] tile, int ld, int top, int left, int high, int wide, boolean add) {
    if (transposed) {
      turn(tile, ld, top, left, high, wide, add);
      return;
    }
    int n = c.cols();
    int whole = wide / L * L;
    for (int i = 0; i < high; i++) {
      int o = c.offset() + (top + i) * n + left;
      put(tile, i * ld, alpha, add, c.data(), o, whole);
      for (int j = whole; j < wide; j++) {
        float value = alpha * tile[i * ld + j];
        c.data()[o + j] = add ? c.data()[o + j] + value : value;
      }
    }
  }

  private static void put(
      float[] tile, int from, float alpha, boolean add, float[] c, int o, int n) {
    for (int j = 0; j < n; j += L) {
      FloatVector value = FloatVector.fromArray(F, tile, from + j).mul(alpha);
      (add ? FloatVector.fromArray(F, c, o + j).add(value) : value).intoArray(c, o + j);
    }
  }

  private void turn(float[] tile, int ld, int top, int left, int high, int wide, boolean add) {
    float[] to = c.data();
    for (int j = 0; j < wide; j++) {
      int o = c.offset() + (left + j) * c.cols() + top;
      for (int i = 0; i < high; i++) {
        float value = alpha * tile[i * ld + j];
        to[o + i] = add ? to[o + i] + value : value;
      }
    }
  }
}
