package org.mobilefinetuner.kernel;

import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Values kept as bfloat16, two in the place of a float32 number.
 *
 * <p>A pair's bits may be those of a NaN only if its upper value is infinite or NaN itself.
 */
public final class Bf16 {
  private static final int UPPER = 0xffff0000;

  private Bf16() {}

  /** The float32 numbers that {@code size} packed values take. */
  public static int packed(int size) {
    return size / 2 + size % 2;
  }

  /** Replaces each value by the nearest bfloat16, ties to even. */
  public static void round(Tensor x) {
    float[] data = x.data();
    int end = end(x);
    for (int i = x.offset(); i < end; i++) {
      data[i] = Float.intBitsToFloat(Format.toBf16(data[i]) << 16);
    }
  }

  /** Packs values that are rounded: the first half of them is in the upper bits. */
  public static void pack(Tensor x, Tensor packed) {
    int half = require(x, packed);
    float[] from = x.data();
    float[] to = packed.data();
    int upper = x.offset();
    int lower = upper + half;
    int end = end(x);
    for (int i = 0; lower + i < end; i++) {
      int low = Float.floatToRawIntBits(from[lower + i]) >>> 16;
      to[packed.offset() + i] =
          Float.intBitsToFloat(Float.floatToRawIntBits(from[upper + i]) & UPPER | low);
    }
    if (end > upper && x.size() % 2 == 1) {
      to[packed.offset() + half - 1] = from[lower - 1];
    }
  }

  /** The values that were packed. */
  public static void unpack(Tensor packed, Tensor x) {
    int half = require(x, packed);
    float[] from = packed.data();
    float[] to = x.data();
    int upper = x.offset();
    int lower = upper + half;
    int end = end(x);
    for (int i = 0; lower + i < end; i++) {
      int bits = Float.floatToRawIntBits(from[packed.offset() + i]);
      to[upper + i] = Float.intBitsToFloat(bits & UPPER);
      to[lower + i] = Float.intBitsToFloat(bits << 16);
    }
    if (end > upper && x.size() % 2 == 1) {
      to[lower - 1] = from[packed.offset() + half - 1];
    }
  }

  private static int require(Tensor x, Tensor packed) {
    int half = packed(x.size());
    if (packed.size() != half) {
      throw new IllegalArgumentException(
          "expected " + half + " numbers for " + x.size() + " values, found " + packed.size());
    }
    return half;
  }

  /** Behind the last value, or before the first of a tensor without values. */
  private static int end(Tensor x) {
    return x.data().length == 0 ? x.offset() : x.offset() + x.size();
  }
}
