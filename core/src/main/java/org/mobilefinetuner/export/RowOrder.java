package org.mobilefinetuner.export;

import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;

/**
 * The rows of a query or key projection in the order of llama.cpp's Llama, or back.
 *
 * <p>Rotary positions turn pairs of a head's features. Hugging Face pairs feature j with j + h/2,
 * llama.cpp's Llama 2j with 2j + 1, so that row 2j + t of a head there is row t·h/2 + j here.
 *
 * @param width h, the rows of a head
 * @param back whether the matrix has llama.cpp's order and is seen in Hugging Face's
 */
record RowOrder(Matrix matrix, int width, boolean back) implements Matrix {
  /** The row of the matrix that is seen as row {@code i}. */
  static int source(int i, int width, boolean back) {
    int within = i % width;
    int half = width / 2;
    int moved = back ? within % half * 2 + within / half : within % 2 * half + within / 2;
    return i - within + moved;
  }

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
    return Format.F32;
  }

  @Override
  public void read(int row, int col, int rows, int cols, float[] to, int at, int stride) {
    for (int r = 0; r < rows; r++) {
      matrix.read(source(row + r, width, back), col, 1, cols, to, at + r * stride, stride);
    }
  }
}
