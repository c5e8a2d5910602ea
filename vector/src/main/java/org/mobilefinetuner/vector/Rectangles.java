package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.I;
import static org.mobilefinetuner.vector.Lanes.L;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
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
  private final List<MemorySegment> windows = new ArrayList<>();
  private final int rowsPerWindow;

  Rectangles(Matrix matrix) {
    this.matrix = matrix;
    if (matrix instanceof StoredMatrix stored) {
      for (int row = 0; row < stored.rows(); row += stored.rowsFrom(row)) {
        ByteBuffer bytes = stored.window(row).duplicate();
        windows.add(MemorySegment.ofBuffer(bytes.position(0)));
      }
      rowsPerWindow = Math.max(1, stored.rowsFrom(0));
    } else {
      rowsPerWindow = 1;
    }
  }

  /**
   * Σ x·w over one row of weights, summed as {@link RowProduct#dot} does. bfloat16, the usual type
   * of a large model, is widened in registers; other formats pass through {@code decoded}.
   */
  float dot(float[] x, int xo, int row, float[] decoded, float[] lanes) {
    int n = matrix.cols();
    if (windows.isEmpty() || matrix.format() != Format.BF16) {
      read(row, 0, 1, n, decoded, 0, n);
      return RowProduct.dot(x, xo, decoded, 0, n, lanes);
    }
    long from = (long) (row % rowsPerWindow) * n * Format.BF16.bytes();
    MemorySegment bytes = windows.get(row / rowsPerWindow).asSlice(from, 2L * n);
    return dot(x, xo, bytes, n, lanes);
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
    if (windows.isEmpty()) {
      matrix.read(row, col, rows, cols, to, at, stride);
      return;
    }
    for (int r = 0; r < rows; ) {
      int window = (row + r) / rowsPerWindow;
      int some = Math.min(rows - r, (window + 1) * rowsPerWindow - row - r);
      long first = row + r - (long) window * rowsPerWindow;
      read(windows.get(window), first, col, some, cols, to, at + r * stride, stride);
      r += some;
    }
  }

  private void read(
      MemorySegment bytes, long row, int col, int rows, int cols, float[] to, int at, int stride) {
    Format format = matrix.format();
    long step = (long) matrix.cols() * format.bytes();
    long from = row * step + (long) col * format.bytes();
    for (int r = 0, o = at; r < rows; r++, from += step, o += stride) {
      switch (format) {
        case F32 -> f32(bytes, from, cols, to, o);
        case BF16 -> bf16(bytes, from, cols, to, o);
        case F16 -> f16(bytes, from, cols, to, o);
      }
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
