package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.I;
import static org.mobilefinetuner.vector.Lanes.L;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.QuantizedMatrix;
import org.mobilefinetuner.tensor.StoredMatrix;

/**
 * Decodes rectangles of a matrix, with vectors where its bytes lie in a file's mapping.
 *
 * <p>The values are those of {@link Matrix#read}, bit for bit.
 */
final class Rectangles {
  private static final VectorSpecies<Short> H =
      VectorSpecies.of(short.class, VectorShape.forBitSize(L * Short.SIZE));
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);

  private final Matrix matrix;
  private final @Nullable RowSegments stored;
  private final @Nullable QuantizedRows quantized;

  Rectangles(Matrix matrix) {
    this.matrix = matrix;
    stored = matrix instanceof StoredMatrix m ? new RowSegments(m.stored()) : null;
    quantized = matrix instanceof QuantizedMatrix m ? new QuantizedRows(m) : null;
  }

  /**
   * Σ x·w over one row of weights, summed as {@link RowProduct#dot} does. bfloat16, the usual type
   * of a large model, and codes are widened in registers; others pass through {@code decoded}.
   */
  float dot(float[] x, int xo, int row, float[] decoded, float[] lanes) {
    int n = matrix.cols();
    QuantizedRows codes = quantized;
    if (codes != null) {
      return codes.dot(x, xo, row, decoded, lanes);
    }
    RowSegments rows = stored;
    if (rows == null || matrix.format() != Format.BF16) {
      read(row, 0, 1, n, decoded, 0, n);
      return RowProduct.dot(x, xo, decoded, 0, n, lanes);
    }
    return dot(x, xo, rows.window(row).asSlice(rows.offset(row), 2L * n), n, lanes);
  }

  private static float dot(float[] x, int xo, MemorySegment bytes, int n, float[] lanes) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= n - 4 * L; i += 4 * L) {
      long at = 2L * i;
      s0 = FloatVector.fromArray(F, x, xo + i).fma(widened(bytes, at), s0);
      s1 = FloatVector.fromArray(F, x, xo + i + L).fma(widened(bytes, at + 2L * L), s1);
      s2 = FloatVector.fromArray(F, x, xo + i + 2 * L).fma(widened(bytes, at + 4L * L), s2);
      s3 = FloatVector.fromArray(F, x, xo + i + 3 * L).fma(widened(bytes, at + 6L * L), s3);
    }
    float sum = Lanes.sum(s0.add(s1).add(s2.add(s3)), lanes);
    for (; i < n; i++) {
      sum += x[xo + i] * Format.bf16(bytes.get(SHORT, 2L * i));
    }
    return sum;
  }

  private static FloatVector widened(MemorySegment bytes, long from) {
    return wide(bytes, from).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  /** As {@link Matrix#read}. */
  void read(int row, int col, int rows, int cols, float[] to, int at, int stride) {
    RowSegments segments = stored;
    QuantizedRows codes = quantized;
    if (segments != null) {
      Format format = matrix.format();
      for (int r = 0; r < rows; r++) {
        long from = segments.offset(row + r) + (long) col * format.bytes();
        decode(format, segments.window(row + r), from, cols, to, at + r * stride);
      }
    } else if (codes != null) {
      for (int r = 0; r < rows; r++) {
        codes.read(row + r, col, cols, to, at + r * stride);
      }
    } else {
      matrix.read(row, col, rows, cols, to, at, stride);
    }
  }

  private static void decode(
      Format format, MemorySegment bytes, long from, int n, float[] to, int at) {
    switch (format) {
      case F32 -> f32(bytes, from, n, to, at);
      case BF16 -> bf16(bytes, from, n, to, at);
      case F16 -> f16(bytes, from, n, to, at);
    }
  }

  private static void f32(MemorySegment bytes, long from, int n, float[] to, int o) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.fromMemorySegment(F, bytes, from + 4L * i, ORDER).intoArray(to, o + i);
    }
    for (; i < n; i++) {
      to[o + i] = bytes.get(FLOAT, from + 4L * i);
    }
  }

  private static void bf16(MemorySegment bytes, long from, int n, float[] to, int o) {
    int i = 0;
    for (; i <= n - L; i += L) {
      widened(bytes, from + 2L * i).intoArray(to, o + i);
    }
    for (; i < n; i++) {
      to[o + i] = Format.bf16(bytes.get(SHORT, from + 2L * i));
    }
  }

  private static void f16(MemorySegment bytes, long from, int n, float[] to, int o) {
    int i = 0;
    for (; i <= n - L; i += L) {
      IntVector half = wide(bytes, from + 2L * i);
      IntVector magnitude = half.and(0x7fff).lanewise(VectorOperators.LSHL, 13);
      // The exponent's bias differs by 112; a product also normalises what was subnormal.
      IntVector finite = magnitude.reinterpretAsFloats().mul(0x1p112f).reinterpretAsInts();
      VectorMask<Integer> endless = magnitude.compare(VectorOperators.GE, 0x7c00 << 13);
      IntVector value = finite.blend(magnitude.or(0x7f800000), endless);
      value
          .or(half.and(0x8000).lanewise(VectorOperators.LSHL, 16))
          .reinterpretAsFloats()
          .intoArray(to, o + i);
    }
    for (; i < n; i++) {
      to[o + i] = Format.f16(bytes.get(SHORT, from + 2L * i));
    }
  }

  private static IntVector wide(MemorySegment bytes, long from) {
    return (IntVector)
        ShortVector.fromMemorySegment(H, bytes, from, ORDER)
            .convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
  }
}
