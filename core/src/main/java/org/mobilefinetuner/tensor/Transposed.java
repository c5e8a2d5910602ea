package org.mobilefinetuner.tensor;

/** A matrix seen with rows as columns; nothing is copied until it is read. */
public record Transposed(Matrix matrix) implements Matrix {
  @Override
  public int rows() {
    return matrix.cols();
  }

  @Override
  public int cols() {
    return matrix.rows();
  }

  @Override
  public Format format() {
    return Format.F32;
  }

  @Override
  public void read(int row, int col, int rows, int cols, float[] to, int at, int stride) {
    float[] window = new float[rows * cols];
    matrix.read(col, row, cols, rows, window, 0, rows);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        to[at + r * stride + c] = window[c * rows + r];
      }
    }
  }

  /** The transpose of a tensor in memory. */
  public static Tensor copy(Tensor x) {
    Tensor y = Tensor.zeros(x.cols(), x.rows());
    new Transposed(x).read(0, 0, y.rows(), y.cols(), y.data(), 0, y.cols());
    return y;
  }
}
