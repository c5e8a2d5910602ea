package org.mobilefinetuner.tensor;

import java.util.Objects;

/** Some neighbouring rows of a matrix of any kind. */
record RowRange(Matrix matrix, int from, int rows) implements Matrix {
  RowRange {
    Objects.checkFromIndexSize(from, rows, matrix.rows());
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
  public long bytes() {
    return matrix.bytes() / matrix.rows() * rows;
  }

  @Override
  public void read(int row, int col, int rows, int cols, float[] to, int at, int stride) {
    matrix.read(from + row, col, rows, cols, to, at, stride);
  }

  @Override
  public void expect(int row, int rows) {
    matrix.expect(from + row, rows);
  }

  @Override
  public void release(int row, int rows) {
    matrix.release(from + row, rows);
  }

  @Override
  public Matrix releasing(Pages pages) {
    return new RowRange(matrix.releasing(pages), from, rows);
  }
}
