package org.mobilefinetuner.kernel;

import java.util.Arrays;

/**
 * What is known of the softmax of some rows when a part of their columns has been seen: the largest
 * value, the sum of exponentials relative to it, and the value at the target.
 *
 * <p>The sum is float64, so that a vocabulary of 250,000 loses no digits.
 */
public final class SoftmaxSums {
  private final int piece;
  private final float[] max;
  private final double[] sum;
  private final float[] chosen;

  /**
   * @param piece how many columns are added up at a time, see {@link Kernels#piece}
   */
  public SoftmaxSums(int rows, int piece) {
    this.piece = piece;
    this.max = new float[rows];
    this.sum = new double[rows];
    this.chosen = new float[rows];
    clear();
  }

  /** Forgets all columns. */
  public void clear() {
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
    Arrays.fill(sum, 0);
  }

  /** How many columns are added up at a time. */
  public int piece() {
    return piece;
  }

  /**
   * The value that the exponentials of a row are relative to, once values of at most {@code
   * largest} are to be added.
   */
  public float raise(int row, float largest) {
    if (largest > max[row]) {
      sum[row] *= StrictMath.exp((double) max[row] - largest);
      max[row] = largest;
    }
    return max[row];
  }

  /** Adds exponentials to the sum of a row. */
  public void add(int row, double exponentials) {
    sum[row] += exponentials;
  }

  /** Notes the value at the target of a row. */
  public void choose(int row, float value) {
    chosen[row] = value;
  }

  public float max(int row) {
    return max[row];
  }

  public double sum(int row) {
    return sum[row];
  }

  /** The negative log-likelihood of a row's target, when all columns have been seen. */
  public float loss(int row) {
    return (float) (StrictMath.log(sum[row]) + max[row] - chosen[row]);
  }
}
