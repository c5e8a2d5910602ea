package org.mobilefinetuner.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorTest {
  @Test
  void isRowsOfTheLastDimension() {
    Tensor cube = Tensor.zeros(2, 3, 4);
    assertThat(cube.rows()).isEqualTo(6);
    assertThat(cube.cols()).isEqualTo(4);
    assertThat(cube.size()).isEqualTo(24);
    assertThat(cube).hasToString("Tensor[2, 3, 4]");
    assertThat(Tensor.zeros(5).rows()).isEqualTo(1);
    assertThat(Tensor.zeros(3, 0).rows()).isZero();
  }

  @Test
  void isAWindowOfAnArray() {
    float[] data = {0, 1, 2, 3, 4, 5, 6, 7};
    Tensor tensor = Tensor.wrap(data, 1, 3, 2);
    Tensor rows = tensor.rows(1, 2);
    assertThat(rows.offset()).isEqualTo(3);
    rows.fill(9);
    assertThat(data).containsExactly(0, 1, 2, 9, 9, 9, 9, 7);
    tensor.copyFrom(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 6));
    assertThat(data).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void shapesAreCopied() {
    int[] shape = {2, 3};
    Tensor tensor = Tensor.zeros(shape);
    shape[0] = 9;
    tensor.shape()[1] = 9;
    assertThat(tensor.shape()).containsExactly(2, 3);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> Tensor.of(new float[5], 2, 3))
        .hasMessage("shape [2, 3] at 0 overruns 5");
    assertThatThrownBy(() -> Tensor.wrap(new float[6], 1, 2, 3)).hasMessageContaining("at 1");
    assertThatThrownBy(() -> Tensor.wrap(new float[6], -1, 2)).hasMessageContaining("at -1");
    assertThatThrownBy(() -> Tensor.of(new float[5])).hasMessageContaining("shape []");
    assertThatThrownBy(() -> Tensor.zeros(2, 3).rows(1, 2)).hasMessage("rows 1 to 3 of 2");
    assertThatThrownBy(() -> Tensor.zeros(2).copyFrom(Tensor.zeros(3)))
        .hasMessage("expected Tensor[2], found Tensor[3]");
    assertThatThrownBy(() -> Tensor.size(1 << 16, 1 << 15)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void readsWindows() {
    Tensor tensor = Tensor.wrap(new float[] {-1, 0, 1, 2, 3, 4, 5}, 1, 2, 3);
    float[] to = new float[8];
    tensor.read(0, 1, 2, 2, to, 1, 4);
    assertThat(to).containsExactly(0, 1, 2, 0, 0, 4, 5, 0);
  }

  @Test
  void windowsAreColumnsOfATensor() {
    Tensor qkv = Tensor.wrap(new float[20], 2, 3, 6);
    Window k = new Window(qkv, 2);
    assertThat(k.at(0)).isEqualTo(4);
    assertThat(k.at(2)).isEqualTo(16);
    assertThat(k.stride()).isEqualTo(6);
    Tensor gradient = Tensor.zeros(3, 6);
    assertThat(k.of(gradient)).isEqualTo(new Window(gradient, 2));
    assertThatThrownBy(() -> new Window(qkv, 7)).hasMessage("column 7 of 6");
    assertThatThrownBy(() -> new Window(qkv, -1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** Five rows of three bfloat16 numbers, two rows to a window. */
  @Test
  void storedMatricesSpreadOverWindows() {
    List<ByteBuffer> windows = List.of(rows(0, 2), rows(2, 2), rows(4, 1));
    StoredMatrix matrix = new StoredMatrix(Format.BF16, 5, 3, windows, 2);
    float[] all = new float[15];
    matrix.read(0, 0, 5, 3, all, 0, 3);
    for (int i = 0; i < 15; i++) {
      assertThat(all[i]).isEqualTo(i);
    }
    float[] some = new float[6];
    matrix.read(1, 1, 3, 2, some, 0, 2);
    assertThat(some).containsExactly(4, 5, 7, 8, 10, 11);
    assertThat(matrix.stored().rowsFrom(0)).isEqualTo(2);
    assertThat(matrix.stored().rowsFrom(3)).isEqualTo(1);
    assertThat(matrix.stored().rowsFrom(4)).isEqualTo(1);
    assertThat(matrix.stored().window(3)).isSameAs(matrix.stored().window(2));
    assertThat(matrix.stored().offset(3)).isEqualTo(6);
    assertThatThrownBy(() -> new StoredMatrix(Format.F32, 5, 3, windows, 2))
        .hasMessageContaining("window 0 expected 24 little-endian bytes");
    ByteBuffer big = rows(0, 2).order(ByteOrder.BIG_ENDIAN);
    assertThatThrownBy(() -> new StoredMatrix(Format.BF16, 2, 3, List.of(big), 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static ByteBuffer rows(int first, int count) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(6 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 3 * count; i++) {
      bytes.putShort(2 * i, Format.toBf16(3 * first + i));
    }
    return bytes;
  }
}
