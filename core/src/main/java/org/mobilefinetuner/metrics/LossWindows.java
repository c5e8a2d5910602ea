package org.mobilefinetuner.metrics;

/** The means of a loss over windows of steps that follow each other. */
final class LossWindows {
  private final int width;
  private double sum;
  private int count;
  private double mean = Double.NaN;

  /**
   * @param width steps of a window
   */
  LossWindows(int width) {
    this.width = width;
  }

  /** Adds a step; gives whether it completes a window. */
  boolean add(double loss) {
    sum += loss;
    count++;
    if (count < width) {
      return false;
    }
    mean = sum / count;
    sum = 0;
    count = 0;
    return true;
  }

  /** Of the last window that is complete; NaN before the first. */
  double mean() {
    return mean;
  }
}
