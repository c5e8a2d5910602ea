package org.mobilefinetuner.tensor;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A matrix whose numbers stay in the bytes of a file, mapped or read, little-endian, as they are.
 */
public final class StoredMatrix implements Matrix {
  private final Format format;
  private final int cols;
  private final StoredRows stored;
  private final @Nullable Pages pages;

  /**
   * @throws IllegalArgumentException if a window's size does not fit its rows
   */
  public StoredMatrix(
      Format format, int rows, int cols, List<ByteBuffer> windows, int rowsPerWindow) {
    this(format, cols, new StoredRows(rows, cols * format.bytes(), windows, rowsPerWindow), null);
  }

  private StoredMatrix(Format format, int cols, StoredRows stored, @Nullable Pages pages) {
    this.format = format;
    this.cols = cols;
    this.stored = stored;
    this.pages = pages;
  }

  @Override
  public Matrix releasing(Pages pages) {
    return new StoredMatrix(format, cols, stored, pages);
  }

  @Override
  public Matrix rows(int from, int count) {
    return new StoredMatrix(format, cols, stored.rows(from, count), pages);
  }

  @Override
  public void expect(int row, int rows) {
    if (pages != null) {
      stored.expect(pages, row, rows);
    }
  }

  @Override
  public void release(int row, int rows) {
    if (pages != null) {
      stored.release(pages, row, rows);
    }
  }

  @Override
  public int rows() {
    return stored.rows();
  }

  @Override
  public int cols() {
    return cols;
  }

  @Override
  public Format format() {
    return format;
  }

  /** The rows as bytes. */
  public StoredRows stored() {
    return stored;
  }

  @Override
  public void read(int row, int col, int rows, int cols, float[] to, int at, int stride) {
    for (int r = 0; r < rows; r++) {
      ByteBuffer bytes = stored.window(row + r);
      int from = stored.offset(row + r) + col * format.bytes();
      int o = at + r * stride;
      switch (format) {
        case F32 -> {
          FloatBuffer floats = bytes.asFloatBuffer(); // with a position of its own
          ((Buffer) floats).position(from / 4); // the type that API level 28 has
          floats.get(to, o, cols);
        }
        case BF16 -> {
          for (int c = 0; c < cols; c++) {
            to[o + c] = Format.bf16(bytes.getShort(from + 2 * c));
          }
        }
        case F16 -> {
          for (int c = 0; c < cols; c++) {
            to[o + c] = Format.f16(bytes.getShort(from + 2 * c));
          }
        }
      }
    }
  }
}
