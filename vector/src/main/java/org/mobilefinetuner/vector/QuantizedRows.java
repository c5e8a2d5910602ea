package org.mobilefinetuner.vector;

import static org.mobilefinetuner.tensor.Quantization.GROUP;
import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.I;
import static org.mobilefinetuner.vector.Lanes.L;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.mobilefinetuner.tensor.Quantization;
import org.mobilefinetuner.tensor.QuantizedMatrix;

/**
 * Decodes rows of a quantised matrix with vectors. Scale × code is exact, so the values are those
 * of {@link QuantizedMatrix#read}.
 */
final class QuantizedRows {
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ORDER);

  /** L bytes; there is no species of four, which are loaded as a number. */
  private static final VectorSpecies<Byte> B =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(8, L) * Byte.SIZE));

  private static final IntVector FOUR =
      IntVector.fromArray(I, new int[] {24, 16, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0);

  private final Quantization quantization;
  private final int cols;
  private final RowSegments codes;
  private final RowSegments scales;

  QuantizedRows(QuantizedMatrix matrix) {
    quantization = matrix.quantization();
    cols = matrix.cols();
    codes = new RowSegments(matrix.codes());
    scales = new RowSegments(matrix.scales());
  }

  /** Decodes {@code n} values of a row from column {@code col} on. */
  void read(int row, int col, int n, float[] to, int at) {
    if (quantization == Quantization.INT8) {
      int8(row, col, n, to, at);
    } else {
      int4(row, col, n, to, at);
    }
  }

  private void int8(int row, int col, int n, float[] to, int at) {
    MemorySegment bytes = codes.window(row);
    long from = codes.offset(row) + col;
    for (int c = 0; c < n; ) {
      int group = (col + c) / GROUP;
      int some = Math.min((group + 1) * GROUP - col, n) - c;
      float scale = scale(row, group);
      if (some == GROUP) {
        group8(bytes, from + c, scale, to, at + c);
      } else {
        part8(bytes, from + c, some, scale, to, at + c);
      }
      c += some;
    }
  }

  private float scale(int row, int group) {
    MemorySegment bytes = scales.window(row);
    return Float.float16ToFloat(bytes.get(SHORT, scales.offset(row) + 2L * group));
  }

  /** A whole group: without a remainder, in a loop that the compiler unrolls. */
  private static void group8(MemorySegment bytes, long from, float scale, float[] to, int at) {
    for (int i = 0; i < GROUP; i += L) {
      scaled(signed(bytes, from + i), scale).intoArray(to, at + i);
    }
  }

  private static void part8(MemorySegment bytes, long from, int n, float s, float[] to, int at) {
    int i = 0;
    for (; i <= n - L; i += L) {
      scaled(signed(bytes, from + i), s).intoArray(to, at + i);
    }
    for (; i < n; i++) {
      to[at + i] = s * bytes.get(ValueLayout.JAVA_BYTE, from + i);
    }
  }

  private void int4(int row, int col, int n, float[] to, int at) {
    MemorySegment bytes = codes.window(row);
    long start = codes.offset(row);
    for (int c = 0; c < n; ) {
      int group = (col + c) / GROUP;
      int first = group * GROUP;
      int a = col + c - first;
      int b = Math.min(GROUP, col + n - first);
      float scale = scale(row, group);
      if (b - a == GROUP) {
        group4(bytes, start + first / 2, scale, to, at + c);
      } else {
        int half = (Math.min(GROUP, cols - first) + 1) / 2;
        part4(bytes, start + first / 2, half, a, b, scale, to, at + c - a);
      }
      c += b - a;
    }
  }

  /** A whole group: both halves of its bytes. */
  private static void group4(MemorySegment bytes, long from, float scale, float[] to, int at) {
    for (int i = 0; i < GROUP / 2; i += L) {
      IntVector both = signed(bytes, from + i);
      scaled(lower(both), scale).intoArray(to, at + i);
      scaled(upper(both), scale).intoArray(to, at + GROUP / 2 + i);
    }
  }

  /** Values {@code a} to {@code b} of a group whose first {@code half} are in the lower bits. */
  private static void part4(
      MemorySegment bytes, long from, int half, int a, int b, float s, float[] to, int at) {
    int i = a;
    int end = Math.min(b, half);
    for (; i <= end - L; i += L) {
      scaled(lower(signed(bytes, from + i)), s).intoArray(to, at + i);
    }
    for (; i < end; i++) {
      to[at + i] = s * (bytes.get(ValueLayout.JAVA_BYTE, from + i) << 28 >> 28);
    }
    for (; i <= b - L; i += L) {
      scaled(upper(signed(bytes, from + i - half)), s).intoArray(to, at + i);
    }
    for (; i < b; i++) {
      to[at + i] = s * (bytes.get(ValueLayout.JAVA_BYTE, from + i - half) >> 4);
    }
  }

  /**
   * Σ x·w over a row, summed as {@link RowProduct#dot} does. Where a group is four vectors, one for
   * each of its sums, it stays in registers; narrower vectors are too many for the compiler.
   *
   * @param decoded room for a row
   */
  float dot(float[] x, int xo, int row, float[] decoded, float[] lanes) {
    if (4 * L != GROUP) {
      read(row, 0, cols, decoded, 0);
      return RowProduct.dot(x, xo, decoded, 0, cols, lanes);
    }
    int whole = cols / GROUP * GROUP;
    read(row, whole, cols - whole, decoded, whole);
    MemorySegment bytes = codes.window(row);
    long from = codes.offset(row);
    boolean eight = quantization == Quantization.INT8;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i < whole; i += GROUP) {
      float s = scale(row, i / GROUP);
      long at = from + quantization.bytes(i);
      int o = xo + i;
      s0 = values(x, o).fma(scaled(codes(bytes, at, 0, eight), s), s0);
      s1 = values(x, o + L).fma(scaled(codes(bytes, at, L, eight), s), s1);
      s2 = values(x, o + 2 * L).fma(scaled(codes(bytes, at, 2 * L, eight), s), s2);
      s3 = values(x, o + 3 * L).fma(scaled(codes(bytes, at, 3 * L, eight), s), s3);
    }
    float sum = Lanes.sum(s0.add(s1).add(s2.add(s3)), lanes);
    for (; i < cols; i++) {
      sum += x[xo + i] * decoded[i];
    }
    return sum;
  }

  /** L codes of a whole group, number {@code i} first; without a choice between two vectors. */
  private static IntVector codes(MemorySegment bytes, long from, int i, boolean eight) {
    int left = eight || i >= GROUP / 2 ? 24 : 28;
    return signed(bytes, from + (eight ? i : i % (GROUP / 2)))
        .lanewise(VectorOperators.LSHL, left)
        .lanewise(VectorOperators.ASHR, eight ? 24 : 28);
  }

  private static FloatVector values(float[] x, int at) {
    return FloatVector.fromArray(F, x, at);
  }

  private static IntVector lower(IntVector codes) {
    return codes.lanewise(VectorOperators.LSHL, 28).lanewise(VectorOperators.ASHR, 28);
  }

  private static IntVector upper(IntVector codes) {
    return codes.lanewise(VectorOperators.ASHR, 4);
  }

  private static FloatVector scaled(IntVector codes, float scale) {
    return ((FloatVector) codes.convertShape(VectorOperators.I2F, F, 0)).mul(scale);
  }

  /** L bytes as numbers with a sign. */
  private static IntVector signed(MemorySegment bytes, long from) {
    if (L == 4) {
      return IntVector.broadcast(I, bytes.get(INT, from))
          .lanewise(VectorOperators.LSHL, FOUR)
          .lanewise(VectorOperators.ASHR, 24);
    }
    return (IntVector)
        ByteVector.fromMemorySegment(B, bytes, from, ORDER).convertShape(VectorOperators.B2I, I, 0);
  }
}
