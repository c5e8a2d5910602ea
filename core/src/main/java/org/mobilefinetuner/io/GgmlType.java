package org.mobilefinetuner.io;

import org.jspecify.annotations.Nullable;

/**
 * How llama.cpp stores the numbers of a tensor: blocks of so many values in so many bytes.
 *
 * <p>The numbers are ggml's. All types are known by size, so that any file can be listed; those of
 * {@link #readable} can be decoded.
 */
public enum GgmlType {
  F32(0, 1, 4),
  F16(1, 1, 2),
  Q4_0(2, 32, 18),
  Q4_1(3, 32, 20),
  Q5_0(6, 32, 22),
  Q5_1(7, 32, 24),
  /** Blocks of 32: a float16 scale, then 32 signed bytes. */
  Q8_0(8, 32, 34),
  Q2_K(10, 256, 84),
  Q3_K(11, 256, 110),
  Q4_K(12, 256, 144),
  Q5_K(13, 256, 176),
  Q6_K(14, 256, 210),
  I8(24, 1, 1),
  I16(25, 1, 2),
  I32(26, 1, 4),
  I64(27, 1, 8),
  F64(28, 1, 8),
  BF16(30, 1, 2);

  private final int number;
  private final int blockValues;
  private final int blockBytes;

  GgmlType(int number, int blockValues, int blockBytes) {
    this.number = number;
    this.blockValues = blockValues;
    this.blockBytes = blockBytes;
  }

  static @Nullable GgmlType of(int number) {
    for (GgmlType type : values()) {
      if (type.number == number) {
        return type;
      }
    }
    return null;
  }

  /** The number by which files name the type. */
  int number() {
    return number;
  }

  /** How many values a block has; rows are a multiple of it. */
  public int blockValues() {
    return blockValues;
  }

  /** Whether the values can be decoded here. */
  public boolean readable() {
    return this == F32 || this == F16 || this == BF16 || this == Q8_0;
  }

  /** The bytes of so many values, a multiple of the block. */
  long bytes(long values) {
    return values / blockValues * blockBytes;
  }
}
