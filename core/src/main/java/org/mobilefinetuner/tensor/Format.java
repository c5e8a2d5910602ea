package org.mobilefinetuner.tensor;

/** How the numbers of a stored matrix are encoded; everything is computed in {@link #F32}. */
public enum Format {
  /** IEEE 754 binary32. */
  F32(4),
  /** The upper half of a binary32: 8 exponent and 7 fraction bits. */
  BF16(2),
  /** IEEE 754 binary16. */
  F16(2);

  private final int bytes;

  Format(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one number. */
  public int bytes() {
    return bytes;
  }

  /** The number of this format that is nearest to {@code value}. */
  public float round(float value) {
    return switch (this) {
      case F32 -> value;
      case BF16 -> bf16(toBf16(value));
      case F16 -> f16(toF16(value));
    };
  }

  /** The value of a bfloat16 given by its 16 bits. */
  public static float bf16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The bfloat16 nearest to {@code value}, ties to even; NaN stays NaN. */
  public static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }

  /** The value of a binary16 given by its 16 bits. */
  public static float f16(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >>> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) { // zero or subnormal: fraction · 2⁻²⁴
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int wide = exponent == 31 ? 255 : exponent + 112;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }

  /** The binary16 nearest to {@code value}, ties to even; too large becomes infinite. */
  public static short toF16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 65520f) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x1p-14f) { // subnormal: the addition rounds to multiples of 2⁻²⁴
      return (short) (sign | Float.floatToRawIntBits(magnitude + 0.5f) - 0x3f000000);
    }
    int rounded = (bits & 0x7fffffff) + 0xfff + (bits >>> 13 & 1);
    return (short) (sign | (rounded >>> 13) - (112 << 10));
  }
}
