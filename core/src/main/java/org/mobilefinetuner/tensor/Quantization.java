package org.mobilefinetuner.tensor;

import java.nio.ByteBuffer;

/**
 * How whole numbers stand for the weights of a matrix: {@value #GROUP} neighbours of a row share a
 * scale, and a value is scale × code. The last group of a row may be shorter; none crosses a row.
 *
 * <p>Codes have at most 8 bits and scales, in float16, 11 bits of precision: their product is exact
 * in float32, so that every way to decode gives the same bits.
 */
public enum Quantization {
  /** A code from -127 to 127 in a byte each. */
  INT8(127) {
    @Override
    public int bytes(int values) {
      return values;
    }

    @Override
    int code(ByteBuffer bytes, int at, int i, int size) {
      return bytes.get(at + i);
    }
  },

  /**
   * A code from -8 to 7 in half a byte each. The first half of a group lies in the lower four bits
   * of its bytes, the second in the upper four; the first half is longer by one if they differ.
   */
  INT4(7) {
    @Override
    public int bytes(int values) {
      return (values + 1) / 2;
    }

    @Override
    int code(ByteBuffer bytes, int at, int i, int size) {
      int half = bytes(size);
      return i < half ? bytes.get(at + i) << 28 >> 28 : bytes.get(at + i - half) >> 4;
    }
  };

  /** Neighbours that share a scale. */
  public static final int GROUP = 64;

  private final int most;

  Quantization(int most) {
    this.most = most;
  }

  /** The largest code. */
  public int most() {
    return most;
  }

  /** The bytes of the codes of {@code values} neighbours that begin with a group. */
  public abstract int bytes(int values);

  /** Code {@code i} of a group of {@code size} whose codes begin at byte {@code at}. */
  abstract int code(ByteBuffer bytes, int at, int i, int size);

  /** The number of groups of a row. */
  public static int groups(int cols) {
    return (cols + GROUP - 1) / GROUP;
  }

  /** The bytes of a matrix, codes and scales. */
  public long bytes(int rows, int cols) {
    return (long) rows * (bytes(cols) + (long) Short.BYTES * groups(cols));
  }
}
