package org.mobilefinetuner.ops;

import org.mobilefinetuner.tensor.Tensor;

/**
 * The angles of a {@link Rope}: position times frequency, one frequency for each pair of a head.
 *
 * <p>Cosines and sines are kept for the positions seen so far and shared by all layers that turn by
 * the same angles. Angles are float32 products, as in PyTorch.
 */
public final class RotaryAngles {
  private static final int PAGE = 256; // positions of the smallest table

  private final float[] frequencies;
  private Table table;

  /** cos, sin: [positions, h/2]. */
  record Table(Tensor cos, Tensor sin) {}

  /**
   * @param frequencies radians per position, [h/2]
   */
  public RotaryAngles(float[] frequencies) {
    this.frequencies = frequencies.clone();
    this.table = table(0);
  }

  /** The frequencies theta^(-2i/h) of the original paper, for heads of width h. */
  public static float[] frequencies(int width, double theta) {
    float[] frequencies = new float[width / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = 1f / (float) StrictMath.pow((float) theta, 2f * i / width);
    }
    return frequencies;
  }

  /** A table that has all of {@code positions}. */
  synchronized Table upTo(int[] positions) {
    int last = 0;
    for (int position : positions) {
      last = Math.max(last, position);
    }
    if (last >= table.cos.rows()) {
      table = table(Math.max(2 * table.cos.rows(), (last / PAGE + 1) * PAGE));
    }
    return table;
  }

  private Table table(int positions) {
    int half = frequencies.length;
    Table made = new Table(Tensor.zeros(positions, half), Tensor.zeros(positions, half));
    for (int p = 0, at = 0; p < positions; p++) {
      for (int i = 0; i < half; i++, at++) {
        float angle = p * frequencies[i];
        made.cos.data()[at] = (float) StrictMath.cos(angle);
        made.sin.data()[at] = (float) StrictMath.sin(angle);
      }
    }
    return made;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RotaryAngles o && java.util.Arrays.equals(frequencies, o.frequencies);
  }

  @Override
  public int hashCode() {
    return java.util.Arrays.hashCode(frequencies);
  }
}
