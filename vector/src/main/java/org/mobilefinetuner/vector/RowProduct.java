package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;

import jdk.incubator.vector.FloatVector;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Products of a single row, as generation makes them token by token: every weight is read once, in
 * the order of memory, and used once.
 *
 * <p>Nothing is packed. What is decoded stays in registers or the first cache, and is summed in one
 * order, so that all formats of the same values give the same bits.
 */
final class RowProduct {
  private static final int DECODED = 1 << 13; // floats of weights that are decoded at a time
  private static final int TASK = 1 << 17; // weights of a task

  private final Parallel parallel;
  private final Scratch[] scratch;

  RowProduct(Parallel parallel, Scratch[] scratch) {
    this.parallel = parallel;
    this.scratch = scratch;
  }

  /** y = x·Bᵀ. B: [n, k]. */
  void transposed(Tensor x, Matrix b, Tensor y) {
    int k = b.cols();
    int n = b.rows();
    int rows = Math.max(1, TASK / Math.max(1, k));
    Rectangles weights = new Rectangles(b);
    parallel.run(
        (n + rows - 1) / rows,
        (task, thread) -> {
          Scratch own = scratch[thread];
          float[] decoded = own.floats(Scratch.DECODED, k);
          for (int row = task * rows; row < Math.min(n, (task + 1) * rows); row++) {
            float sum = weights.dot(x.data(), x.offset(), row, decoded, own.lanes);
            y.data()[y.offset() + row] = sum;
          }
        });
  }

  /** y = x·B. B: [k, n]. */
  void straight(Tensor x, Matrix b, Tensor y) {
    int k = b.rows();
    int n = b.cols();
    int strips = Math.max(1, Math.min(parallel.threads() * 2, n / (4 * L)));
    int width = (n + strips - 1) / strips;
    Rectangles weights = new Rectangles(b);
    parallel.run(
        (n + width - 1) / width,
        (task, thread) -> {
          int col = task * width;
          int cols = Math.min(width, n - col);
          int some = Math.max(1, DECODED / cols);
          float[] w = scratch[thread].floats(Scratch.DECODED, some * cols);
          int at = y.offset() + col;
          java.util.Arrays.fill(y.data(), at, at + cols, 0);
          for (int row = 0; row < k; row += some) {
            int count = Math.min(some, k - row);
            weights.read(row, col, count, cols, w, 0, cols);
            for (int r = 0; r < count; r++) {
              float value = x.data()[x.offset() + row + r];
              Elements.axpy(value, w, r * cols, true, y.data(), at, cols);
            }
          }
        });
  }

  /** Σ a·b. */
  static float dot(float[] a, int ao, float[] b, int bo, int n, float[] lanes) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= n - 4 * L; i += 4 * L) {
      s0 = FloatVector.fromArray(F, a, ao + i).fma(FloatVector.fromArray(F, b, bo + i), s0);
      s1 = FloatVector.fromArray(F, a, ao + i + L).fma(FloatVector.fromArray(F, b, bo + i + L), s1);
      s2 =
          FloatVector.fromArray(F, a, ao + i + 2 * L)
              .fma(FloatVector.fromArray(F, b, bo + i + 2 * L), s2);
      s3 =
          FloatVector.fromArray(F, a, ao + i + 3 * L)
              .fma(FloatVector.fromArray(F, b, bo + i + 3 * L), s3);
    }
    float sum = Lanes.sum(s0.add(s1).add(s2.add(s3)), lanes);
    for (; i < n; i++) {
      sum += a[ao + i] * b[bo + i];
    }
    return sum;
  }
}
