package org.mobilefinetuner.io;

import java.nio.ByteBuffer;
import java.util.List;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;

/**
 * A matrix in ggml's Q8_0: each 32 neighbours of a row are a float16 scale d and 32 signed bytes q,
 * and mean d·q. It stays in the bytes of its file and is decoded where it is read.
 */
final class Q8Blocks implements Matrix {
  static final int VALUES = 32;
  static final int BYTES = 34;

  private final int rows;
  private final int cols;
  private final List<ByteBuffer> windows;
  private final int rowsPerWindow;

  Q8Blocks(int rows, int cols, MappedRows mapped) {
    this.rows = rows;
    this.cols = cols;
    this.windows = mapped.windows();
    this.rowsPerWindow = mapped.rowsPerWindow();
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int cols() {
    return cols;
  }

  /** What {@link #read} gives. */
  @Override
  public Format format() {
    return Format.F32;
  }

  @Override
  public void read(int row, int col, int rows, int cols, float[] to, int at, int stride) {
    for (int r = 0; r < rows; r++) {
      ByteBuffer bytes = windows.get((row + r) / rowsPerWindow);
      int start = (row + r) % rowsPerWindow * (this.cols / VALUES * BYTES);
      for (int c = 0; c < cols; ) {
        int block = start + (col + c) / VALUES * BYTES;
        int within = (col + c) % VALUES;
        int n = Math.min(VALUES - within, cols - c);
        float scale = Format.f16(bytes.getShort(block));
        for (int i = 0; i < n; i++) {
          to[at + r * stride + c + i] = scale * bytes.get(block + 2 + within + i);
        }
        c += n;
      }
    }
  }

  /**
   * Encodes {@code count} values, a multiple of 32: d is the largest magnitude / 127, q is rounded
   * to the nearest, half away from zero, as ggml's reference does.
   */
  static void encode(float[] values, int count, ByteBuffer to) {
    for (int from = 0; from < count; from += VALUES) {
      float largest = 0;
      for (int i = 0; i < VALUES; i++) {
        largest = Math.max(largest, Math.abs(values[from + i]));
      }
      float d = largest / 127;
      float inverse = d == 0 ? 0 : 1 / d;
      to.putShort(Format.toF16(d));
      for (int i = 0; i < VALUES; i++) {
        float x = values[from + i] * inverse;
        double away = Math.floor(Math.abs(x) + 0.5);
        to.put((byte) (x < 0 ? -away : away));
      }
    }
  }
}
