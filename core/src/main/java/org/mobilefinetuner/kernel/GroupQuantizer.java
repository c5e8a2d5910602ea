package org.mobilefinetuner.kernel;

import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Quantization;

/**
 * Chooses the scales and codes of {@link Quantization} for rows of weights.
 *
 * <p>Eight bits clip nothing: the scale is the largest magnitude / 127, and a value is wrong by at
 * most half a scale. Four bits are few enough that clipping the largest values can be worth it:
 * scales that give the largest of a group a code from -7 to -10.3 are tried (it may well have to be
 * clipped to -8), each with the factor that fits its codes best in the least squares sense; the one
 * with the smallest squared error wins. Because -8 is a code and 8 is not, scales have the sign
 * that makes the largest value negative.
 */
public final class GroupQuantizer {
  private static final int GROUP = Quantization.GROUP;
  private static final int LOWEST = -8;
  private static final int CANDIDATES = 12;
  private static final float ROUNDING = 0x1.8p23f; // added and subtracted: rounds to nearest even

  private final Quantization quantization;
  private final float[] group = new float[GROUP];
  private final byte[] codes = new byte[GROUP];

  /** For one thread. */
  public GroupQuantizer(Quantization quantization) {
    this.quantization = quantization;
  }

  /**
   * Encodes a row.
   *
   * @param codesTo room for the row's codes from {@code codesAt} on
   * @param scalesTo room for the row's scales from {@code scalesAt} on, two bytes each
   * @throws ArithmeticException if a value is not finite, or too large for a scale in float16
   */
  public void encode(
      float[] values,
      int at,
      int cols,
      byte[] codesTo,
      int codesAt,
      byte[] scalesTo,
      int scalesAt) {
    for (int first = 0; first < cols; first += GROUP) {
      int size = Math.min(GROUP, cols - first);
      System.arraycopy(values, at + first, group, 0, size);
      short scale = quantization == Quantization.INT8 ? scale8(size) : scale4(size);
      round(Format.f16(scale), size);
      store(size, codesTo, codesAt + quantization.bytes(first));
      int scaleAt = scalesAt + Short.BYTES * (first / GROUP);
      scalesTo[scaleAt] = (byte) scale;
      scalesTo[scaleAt + 1] = (byte) (scale >> 8);
    }
  }

  /** The value with the largest magnitude. */
  private float largest(int size) {
    float largest = 0;
    float magnitude = 0;
    for (int i = 0; i < size; i++) {
      if (!(Math.abs(group[i]) <= magnitude)) {
        largest = group[i];
        magnitude = Math.abs(largest);
      }
      if (!(magnitude <= Float.MAX_VALUE)) {
        throw new ArithmeticException("expected finite weights, found " + largest);
      }
    }
    return largest;
  }

  /** The smallest float16 with which no code has to be clipped. */
  private short scale8(int size) {
    float largest = Math.abs(largest(size));
    short scale = Format.toF16(largest / 127);
    while (Format.f16(scale) * 127.5f < largest) {
      scale++;
    }
    return checked(scale, largest);
  }

  private short scale4(int size) {
    float largest = largest(size);
    if (largest == 0) {
      return 0;
    }
    float bestGain = -1;
    float best = 0;
    for (int candidate = 0; candidate < CANDIDATES; candidate++) {
      float inverse = (-7 - 0.3f * candidate) / largest;
      float products = 0;
      float squares = 0;
      for (int i = 0; i < size; i++) {
        float code = code(group[i] * inverse, LOWEST, 7);
        products += group[i] * code;
        squares += code * code;
      }
      float gain = products * (products / squares); // the squared error is Σx² - gain
      if (gain > bestGain) {
        bestGain = gain;
        best = products / squares;
      }
    }
    short scale = Format.toF16(best);
    boolean lost = (scale & 0x7fff) == 0; // smaller than every float16
    return checked(lost ? (short) (scale | 1) : scale, largest);
  }

  private static short checked(short scale, float largest) {
    if (!(Math.abs(Format.f16(scale)) <= Float.MAX_VALUE)) {
      throw new ArithmeticException(
          "expected weights small enough for a scale in float16, found " + largest);
    }
    return scale;
  }

  private void round(float scale, int size) {
    int most = quantization.most();
    int lowest = quantization == Quantization.INT8 ? -most : LOWEST;
    for (int i = 0; i < size; i++) {
      codes[i] = scale == 0 ? 0 : (byte) code(group[i] / scale, lowest, most);
    }
  }

  private static float code(float value, float lowest, float most) {
    return Math.min(Math.max(value, lowest), most) + ROUNDING - ROUNDING;
  }

  private void store(int size, byte[] to, int at) {
    if (quantization == Quantization.INT8) {
      System.arraycopy(codes, 0, to, at, size);
      return;
    }
    int half = quantization.bytes(size);
    for (int i = 0; i < half; i++) {
      int upper = half + i < size ? codes[half + i] : 0;
      to[at + i] = (byte) (codes[i] & 15 | upper << 4);
    }
  }
}
