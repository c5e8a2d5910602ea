package org.mobilefinetuner.vector;

/**
 * Softmax, loss and gradient of one row of logits, in place, in three passes: the largest logit,
 * the exponentials and their sum, the scale.
 *
 * <p>Sums of lanes are short, of {@value #BLOCK} values at most, and added up in float64: a
 * vocabulary of 250,000 loses no digits.
 */
final class CrossEntropy {
  private static final int BLOCK = 2048;

  private CrossEntropy() {}

  /** Returns -log softmax at {@code target}; the row becomes scale·(softmax - one-hot). */
  static float row(float[] z, int at, int n, int target, float scale, Scratch own) {
    float max = Softmax.max(z, at, n, own.lanes);
    float chosen = z[at + target];
    double sum = 0;
    for (int i = 0; i < n; i += BLOCK) {
      sum += Softmax.exponentials(z, at + i, Math.min(BLOCK, n - i), max, own.lanes);
    }
    Softmax.multiply(z, at, n, (float) (scale / sum));
    z[at + target] -= scale;
    return (float) (StrictMath.log(sum) + max - chosen);
  }
}
