package org.mobilefinetuner.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.kernel.SoftmaxSums;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Quantization;
import org.mobilefinetuner.tensor.StoredMatrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * What every backend has to do: the results of {@link ScalarKernels} within each case's tolerance,
 * nothing written beside them, and the same bits for any number of threads, at any place in memory,
 * whatever was computed before, in any format of the same values, and for a row of a product
 * whatever rows surround it.
 *
 * <p>Extend it, with {@link #kernels}, in the tests of the backend: {@link CompiledKernelContract}
 * where Java compiles the arithmetic, this where it was compiled before.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
public abstract class KernelContract {
  /** A new backend with {@code threads} threads; closed after use. */
  protected abstract Kernels kernels(int threads);

  /** The largest error allowed; a backend that rounds factors has one of its own for products. */
  protected double tolerance(KernelCase c) {
    return c.tolerance();
  }

  static List<KernelCase> cases() {
    return KernelCases.all();
  }

  /** What a kernel finds in working memory that others have used must not matter. */
  @Test
  @Order(2)
  protected void bitsDoNotDependOnWhatCameBefore() {
    try (Kernels kernels = kernels(1)) {
      List<List<float[]>> first = new ArrayList<>();
      for (KernelCase c : cases()) {
        first.add(c.run(kernels, 0));
      }
      for (int i = first.size() - 1; i >= 0; i--) {
        assertSameBits(cases().get(i).run(kernels, 0), first.get(i));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Order(2)
  protected void resultsAreThoseOfTheSpecification(KernelCase c) {
    List<float[]> expected = c.run(new ScalarKernels(), 0);
    try (Kernels kernels = kernels(2)) {
      List<float[]> found = c.run(kernels, 0);
      for (int i = 0; i < expected.size(); i++) {
        assertClose(found.get(i), expected.get(i), tolerance(c));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Order(3)
  protected void bitsAreTheSameForAnyThreadsAndOffsets(KernelCase c) {
    List<float[]> expected;
    try (Kernels kernels = kernels(1)) {
      expected = c.run(kernels, 0);
      for (int shift : new int[] {1, 3, 16, 29}) {
        assertSameBits(c.run(kernels, shift), expected);
      }
    }
    for (int threads : new int[] {2, 3, 7}) {
      try (Kernels kernels = kernels(threads)) {
        assertSameBits(c.run(kernels, 5), expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 70})
  @Order(4)
  protected void rowsOfProductsAreIndependent(int n) {
    int all = 200;
    int k = 1000;
    Random random = new Random(5);
    Tensor a = normal(random, all, k);
    Tensor nt = normal(random, n, k);
    Tensor nn = normal(random, k, n);
    try (Kernels kernels = kernels(2)) {
      Tensor wholeNT = Tensor.zeros(all, n);
      Tensor wholeNN = Tensor.zeros(all, n);
      kernels.productNT(1, a, nt, 0, wholeNT);
      kernels.productNN(1, a, nn, 0, wholeNN);
      for (int rows : new int[] {1, 2, 5, 9, 12, 31, 128}) {
        for (int from : new int[] {0, 3, all - rows}) {
          Tensor part = Tensor.zeros(rows, n);
          kernels.productNT(1, a.rows(from, rows), nt, 0, part);
          assertSameBits(List.of(part.data()), List.of(values(wholeNT.rows(from, rows))));
          kernels.productNN(1, a.rows(from, rows), nn, 0, part);
          assertSameBits(List.of(part.data()), List.of(values(wholeNN.rows(from, rows))));
        }
      }
    }
  }

  /** What lets a plan choose how many columns of logits there are at a time. */
  @ParameterizedTest
  @ValueSource(ints = {1, 40, 768, 769, 1000, 2100, 5000})
  @Order(4)
  protected void piecesGiveTheBitsOfTheWhole(int terms) {
    int rows = 5;
    Random random = new Random(8);
    Tensor a = normal(random, rows, terms);
    Matrix b = stored(Format.F32, normal(random, terms, 33), 150);
    int[] targets = random.ints(rows, 0, terms).toArray();
    try (Kernels kernels = kernels(2)) {
      Tensor whole = Tensor.zeros(rows, 33);
      kernels.productNN(1, a, b, 0, whole);
      int piece = kernels.piece(terms);
      SoftmaxSums all = new SoftmaxSums(rows, piece);
      kernels.softmaxSums(a, 0, targets, all);
      for (int width : new int[] {piece, 2 * piece, 5 * piece}) {
        Tensor sum = Tensor.zeros(rows, 33);
        SoftmaxSums sums = new SoftmaxSums(rows, piece);
        for (int from = 0, some; from < terms; from += some) {
          int rest = terms - from;
          some = rest < piece ? rest : Math.min(width, rest / piece * piece);
          Tensor part = columns(a, from, some);
          kernels.productNN(1, part, b.rows(from, some), from == 0 ? 0 : 1, sum);
          kernels.softmaxSums(part, from, targets, sums);
        }
        assertSameBits(List.of(sum.data()), List.of(whole.data()));
        for (int r = 0; r < rows; r++) {
          assertThat(sums.loss(r)).isEqualTo(all.loss(r));
          assertThat(sums.sum(r)).isEqualTo(all.sum(r));
        }
      }
    }
  }

  private static Tensor columns(Tensor a, int from, int count) {
    Tensor part = Tensor.zeros(a.rows(), count);
    a.read(0, from, a.rows(), count, part.data(), 0, count);
    return part;
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  @Order(5)
  protected void formatsOfTheSameValuesGiveTheSameBits(Format format) {
    Random random = new Random(6);
    givesTheBitsOfItsValues(
        stored(format, normal(random, 77, 850), 40), // of three panels of 32 rows one lies in two
        stored(format, normal(random, 850, 77), 100),
        random);
  }

  @ParameterizedTest
  @EnumSource(Quantization.class)
  @Order(5)
  protected void quantisedMatricesGiveTheBitsOfTheirValues(Quantization quantization) {
    Random random = new Random(7);
    givesTheBitsOfItsValues(
        QuantizedMatrices.of(quantization, normal(random, 77, 851), 30),
        QuantizedMatrices.of(quantization, normal(random, 851, 77), 100),
        random);
  }

  private void givesTheBitsOfItsValues(Matrix nt, Matrix nn, Random random) {
    int n = nt.rows();
    int k = nt.cols();
    Tensor wideNT = decoded(nt);
    Tensor wideNN = decoded(nn);
    try (Kernels kernels = kernels(3)) {
      for (int m : new int[] {1, 7, 50, 400}) {
        Tensor a = normal(random, m, k);
        Tensor expected = Tensor.zeros(m, n);
        Tensor found = Tensor.zeros(m, n);
        kernels.productNT(1, a, wideNT, 0, expected);
        kernels.productNT(1, a, nt, 0, found);
        assertSameBits(List.of(found.data()), List.of(expected.data()));
        kernels.productNT(1, a, new Foreign(nt), 0, found);
        assertSameBits(List.of(found.data()), List.of(expected.data()));
        kernels.productNN(1, a, wideNN, 0, expected);
        kernels.productNN(1, a, nn, 0, found);
        assertSameBits(List.of(found.data()), List.of(expected.data()));
        kernels.productNN(1, a, new Foreign(nn), 0, found);
        assertSameBits(List.of(found.data()), List.of(expected.data()));
      }
      Tensor row = normal(random, 1, k);
      Tensor expectedRow = Tensor.zeros(1, n);
      Tensor foundRow = Tensor.zeros(1, n);
      kernels.rowNT(row, wideNT, expectedRow);
      kernels.rowNT(row, nt, foundRow);
      assertSameBits(List.of(foundRow.data()), List.of(expectedRow.data()));
      kernels.rowNN(row, wideNN, expectedRow);
      kernels.rowNN(row, nn, foundRow);
      assertSameBits(List.of(foundRow.data()), List.of(expectedRow.data()));
      int[] ids = {76, 0, 29, 30, 30};
      Tensor expected = Tensor.zeros(ids.length, k);
      Tensor found = Tensor.zeros(ids.length, k);
      kernels.gather(wideNT, ids, 0.5f, 0, expected);
      kernels.gather(nt, ids, 0.5f, 0, found);
      assertSameBits(List.of(found.data()), List.of(expected.data()));
    }
  }

  /** A loss that is not a number must be noticed. */
  @Test
  @Order(6)
  protected void notANumberIsPassedOn() {
    try (Kernels kernels = kernels(2)) {
      for (int i = 0; i < 100; i++) {
        Tensor x = Tensor.zeros(1, 100);
        x.data()[i] = Float.NaN;
        Tensor y = Tensor.zeros(1, 100);
        kernels.gelu(x, y);
        assertThat(y.data()[i]).isNaN();
        SoftmaxSums sums = new SoftmaxSums(1, kernels.piece(100));
        kernels.softmaxSums(x, 0, new int[] {3}, sums);
        assertThat(sums.loss(0)).as("loss of a row with NaN at " + i).isNaN();
      }
    }
  }

  /** A matrix of a class that no backend knows. */
  private record Foreign(Matrix matrix) implements Matrix {
    @Override
    public int rows() {
      return matrix.rows();
    }

    @Override
    public int cols() {
      return matrix.cols();
    }

    @Override
    public Format format() {
      return matrix.format();
    }

    @Override
    public void read(int row, int col, int rows, int cols, float[] to, int at, int stride) {
      matrix.read(row, col, rows, cols, to, at, stride);
    }
  }

  private static StoredMatrix stored(Format format, Tensor values, int rowsPerWindow) {
    List<ByteBuffer> windows = new ArrayList<>();
    for (int row = 0; row < values.rows(); row += rowsPerWindow) {
      int rows = Math.min(rowsPerWindow, values.rows() - row);
      ByteBuffer bytes = ByteBuffer.allocateDirect(rows * values.cols() * format.bytes());
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      for (float value : values(values.rows(row, rows))) {
        switch (format) {
          case F32 -> bytes.putFloat(value);
          case BF16 -> bytes.putShort(Format.toBf16(value));
          case F16 -> bytes.putShort(Format.toF16(value * 1e-3f)); // some of them subnormal
        }
      }
      windows.add(bytes.flip());
    }
    return new StoredMatrix(format, values.rows(), values.cols(), windows, rowsPerWindow);
  }

  private static Tensor decoded(Matrix matrix) {
    Tensor tensor = Tensor.zeros(matrix.rows(), matrix.cols());
    matrix.read(0, 0, matrix.rows(), matrix.cols(), tensor.data(), 0, matrix.cols());
    return tensor;
  }

  private static Tensor normal(Random random, int rows, int cols) {
    Tensor tensor = Tensor.zeros(rows, cols);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[i] = (float) random.nextGaussian();
    }
    return tensor;
  }

  private static float[] values(Tensor tensor) {
    return Arrays.copyOfRange(tensor.data(), tensor.offset(), tensor.offset() + tensor.size());
  }

  static void assertSameBits(List<float[]> found, List<float[]> expected) {
    for (int r = 0; r < expected.size(); r++) {
      for (int i = 0; i < expected.get(r).length; i++) {
        float want = expected.get(r)[i];
        float got = found.get(r)[i];
        if (Float.floatToIntBits(got) != Float.floatToIntBits(want)) {
          assertThat(got).as("result %d at %d", r, i).isEqualTo(want);
        }
      }
    }
  }

  private static void assertClose(float[] found, float[] expected, double tolerance) {
    double max = 0;
    for (float value : expected) {
      max = Math.max(max, Float.isNaN(value) ? 0 : Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      boolean close =
          Float.isNaN(expected[i])
              ? Float.isNaN(found[i])
              : Math.abs((double) found[i] - expected[i]) <= tolerance * max;
      assertThat(close)
          .as("at %d: expected %s, found %s, largest %s", i, expected[i], found[i], max)
          .isTrue();
    }
  }
}
