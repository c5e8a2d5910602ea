package org.mobilefinetuner.jni;

import org.mobilefinetuner.kernel.SoftmaxSums;

/**
 * Softmax of one row of logits, of which only some neighbouring columns may be there.
 *
 * <p>Sums of lanes are short, of one piece at most, and added up in float64.
 */
final class CrossEntropy {
  private CrossEntropy() {}

  /** Adds {@code n} columns to the sums of row {@code row}; the target may be outside of them. */
  static void add(float[] z, int at, int n, int target, int row, SoftmaxSums sums) {
    int piece = sums.piece();
    for (int i = 0; i < n; i += piece) {
      int some = Math.min(piece, n - i);
      float max = sums.raise(row, Library.largest(z, at + i, some));
      boolean nothingYet = max == Float.NEGATIVE_INFINITY; // or NaN alone, which must be noticed
      sums.add(row, Library.exponentialSum(z, at + i, some, nothingYet ? 0 : max));
    }
    if (target >= 0 && target < n) {
      sums.choose(row, z[at + target]);
    }
  }

  /** Turns {@code n} columns into scale·(softmax - one-hot). */
  static void gradient(
      float[] z, int at, int n, int target, float scale, int row, SoftmaxSums sums) {
    float factor = (float) (scale / sums.sum(row));
    Library.scaledExponentials(z, at, n, sums.max(row), factor);
    if (target >= 0 && target < n) {
      z[at + target] -= scale;
    }
  }
}
