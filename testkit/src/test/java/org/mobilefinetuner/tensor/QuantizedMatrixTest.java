package org.mobilefinetuner.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mobilefinetuner.tensor.Quantization.GROUP;
import static org.mobilefinetuner.tensor.Quantization.INT4;
import static org.mobilefinetuner.tensor.Quantization.INT8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.testkit.QuantizedMatrices;

class QuantizedMatrixTest {
  private static final int ROWS = 7;

  /** The value at (row, col), taken from the bytes as the documentation describes them. */
  private static float value(QuantizedMatrix matrix, int row, int col) {
    ByteBuffer scales = matrix.scales().window(row);
    int scaleAt = matrix.scales().offset(row) + 2 * (col / GROUP);
    float scale = Float.float16ToFloat(scales.getShort(scaleAt));
    ByteBuffer codes = matrix.codes().window(row);
    int start = matrix.codes().offset(row);
    if (matrix.quantization() == INT8) {
      return scale * codes.get(start + col);
    }
    int first = col / GROUP * GROUP;
    int size = Math.min(GROUP, matrix.cols() - first);
    int lower = size - size / 2;
    boolean upper = col - first >= lower;
    int pair = codes.get(start + first / 2 + (col - first) - (upper ? lower : 0)) & 0xff;
    int code = upper ? pair / 16 : pair % 16;
    return scale * (code > 7 ? code - 16 : code);
  }

  private static Tensor normal(int cols, double deviation) {
    Random random = new Random(cols);
    Tensor values = Tensor.zeros(ROWS, cols);
    for (int i = 0; i < values.size(); i++) {
      values.data()[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 63, 64, 65, 95, 127, 128, 129, 200, 331})
  void anyWindowIsReadAsTheBytesSay(int cols) {
    for (Quantization quantization : Quantization.values()) {
      QuantizedMatrix matrix = QuantizedMatrices.of(quantization, normal(cols, 1), 3);
      for (int from = 0; from < cols; from += 1 + cols / 9) {
        for (int n = 1; n <= cols - from; n += 1 + cols / 11) {
          float[] found = new float[1 + 5 * (n + 2)];
          matrix.read(2, from, 5, n, found, 1, n + 2);
          for (int r = 0; r < 5; r++) {
            for (int c = 0; c < n; c++) {
              assertThat(found[1 + r * (n + 2) + c])
                  .as("%s [%d, %d] from %d", quantization, r, c, from)
                  .isEqualTo(value(matrix, 2 + r, from + c));
            }
            assertThat(found[1 + r * (n + 2) + n]).as("behind the window").isZero();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-7, 1e-4, 0.02, 1, 3e4})
  void eightBitsAreWrongByAtMostHalfAStep(double deviation) {
    Tensor values = normal(333, deviation);
    QuantizedMatrix matrix = QuantizedMatrices.of(INT8, values, 4);
    for (int i = 0; i < values.size(); i++) {
      int row = i / 333;
      double step = scale(matrix, row, i % 333);
      double error = Math.abs(values.data()[i] - (double) value(matrix, row, i % 333));
      assertThat(error).isLessThanOrEqualTo(step * 0.500001);
    }
  }

  /** What is clipped may be further away, if the group as a whole is closer for it. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-4, 0.02, 1, 1e4})
  void fourBitsAreWrongByAtMostHalfAStepUnlessClipped(double deviation) {
    Tensor values = normal(333, deviation);
    QuantizedMatrix matrix = QuantizedMatrices.of(INT4, values, 4);
    double found = 0;
    double plain = 0;
    int clipped = 0;
    for (int i = 0; i < values.size(); i++) {
      int row = i / 333;
      double step = scale(matrix, row, i % 333);
      double error = Math.abs(values.data()[i] - (double) value(matrix, row, i % 333));
      double code = values.data()[i] / step;
      if (code < 7.5 && code > -8.5) {
        assertThat(error).isLessThanOrEqualTo(Math.abs(step) * 0.500001);
      } else {
        clipped++;
      }
      found += error * error;
      double whole = largest(values, row, i % 333) / 7;
      double rounded = Math.rint(values.data()[i] / whole) * whole;
      plain += (values.data()[i] - rounded) * (values.data()[i] - rounded);
    }
    assertThat(clipped).as("clipped of %d", values.size()).isBetween(1, values.size() / 20);
    assertThat(found).as("squared error, without choosing").isLessThan(0.8 * plain);
  }

  private static double scale(QuantizedMatrix matrix, int row, int col) {
    int at = matrix.scales().offset(row) + 2 * (col / GROUP);
    return Float.float16ToFloat(matrix.scales().window(row).getShort(at));
  }

  private static double largest(Tensor values, int row, int col) {
    double largest = 0;
    int first = col / GROUP * GROUP;
    for (int c = first; c < Math.min(values.cols(), first + GROUP); c++) {
      largest = Math.max(largest, Math.abs(values.data()[row * values.cols() + c]));
    }
    return largest;
  }

  @ParameterizedTest
  @EnumSource(Quantization.class)
  void whatFitsIsExact(Quantization quantization) {
    Tensor values = Tensor.zeros(2, 70);
    for (int i = 0; i < 64; i++) {
      values.data()[i] = 0.25f * (quantization == INT8 ? 2 * i - 127 : i % 16 - 8);
    }
    QuantizedMatrix matrix = QuantizedMatrices.of(quantization, values, 2);
    float[] found = new float[140];
    matrix.read(0, 0, 2, 70, found, 0, 70);
    assertThat(found)
        .usingElementComparator((a, b) -> a.equals(b + 0f) ? 0 : 1)
        .containsExactly(values.data());
  }

  @ParameterizedTest
  @EnumSource(Quantization.class)
  void whatHasNoScaleIsRefused(Quantization quantization) {
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, 1e30f}) {
      Tensor values = normal(70, 1);
      values.data()[66] = bad;
      assertThatThrownBy(() -> QuantizedMatrices.of(quantization, values, 4))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("found " + bad);
    }
  }

  @Test
  void codesAndScalesAreLetGo() {
    QuantizedMatrix matrix = QuantizedMatrices.of(INT4, normal(130, 1), 3);
    List<String> released = new ArrayList<>();
    Matrix streamed =
        matrix.releasing(
            (bytes, from, count) -> released.add(bytes.limit() + ":" + from + "+" + count));
    streamed.release(2, 3);
    assertThat(released).containsExactly("195:130+65", "195:0+130", "24:12+12", "18:0+6");
    released.clear();
    matrix.release(0, ROWS);
    assertThat(released).isEmpty();
    assertThat(streamed.bytes()).isEqualTo(ROWS * (65 + 3 * 2));
  }

  @Test
  void codesAndScalesHaveToFit() {
    QuantizedMatrix matrix = QuantizedMatrices.of(INT8, normal(130, 1), 3);
    assertThatThrownBy(() -> new QuantizedMatrix(INT8, 129, matrix.codes(), matrix.scales()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected rows of 129 bytes with 3 scales");
    assertThatThrownBy(() -> new QuantizedMatrix(INT4, 130, matrix.codes(), matrix.scales()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
