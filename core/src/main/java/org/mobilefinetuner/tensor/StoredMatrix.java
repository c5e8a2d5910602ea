package org.mobilefinetuner.tensor;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A matrix whose numbers stay in the bytes of a file, mapped or read, little-endian, as they are.
 *
 * <p>A file mapping holds at most 2 GiB, so the rows are spread over windows of {@code
 * rowsPerWindow} rows each; the last may be shorter.
 */
public final class StoredMatrix implements Matrix {
  private final Format format;
  private final int rows;
  private final int cols;
  private final List<ByteBuffer> windows;
  private final int rowsPerWindow;
  private final @Nullable Pages pages;

  /**
   * @throws IllegalArgumentException if a window's size does not fit its rows
   */
  public StoredMatrix(
      Format format, int rows, int cols, List<ByteBuffer> windows, int rowsPerWindow) {
    this(format, rows, cols, windows, rowsPerWindow, null);
  }

  private StoredMatrix(
      Format format,
      int rows,
      int cols,
      List<ByteBuffer> windows,
      int rowsPerWindow,
      @Nullable Pages pages) {
    this.pages = pages;
    this.format = format;
    this.rows = rows;
    this.cols = cols;
    this.rowsPerWindow = rowsPerWindow;
    this.windows = List.copyOf(windows);
    for (int i = 0; i < this.windows.size(); i++) {
      long bytes = (long) Math.min(rowsPerWindow, rows - i * rowsPerWindow) * cols * format.bytes();
      ByteBuffer window = this.windows.get(i);
      if (window.limit() != bytes || window.order() != ByteOrder.LITTLE_ENDIAN) {
        throw new IllegalArgumentException(
            "window " + i + " expected " + bytes + " little-endian bytes, found " + window);
      }
    }
  }

  /** The same matrix, which lets go of the pages of rows that have been read. */
  public StoredMatrix releasing(Pages pages) {
    return new StoredMatrix(format, rows, cols, windows, rowsPerWindow, pages);
  }

  @Override
  public void release(int row, int rows) {
    if (pages == null) {
      return;
    }
    for (int r = row; r < row + rows; ) {
      int some = Math.min(rowsFrom(r), row + rows - r);
      pages.release(window(r), byteOffset(r), some * cols * format.bytes());
      r += some;
    }
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int cols() {
    return cols;
  }

  @Override
  public Format format() {
    return format;
  }

  /** The bytes in which row {@code row} lies; its first byte is at {@link #byteOffset}. */
  public ByteBuffer window(int row) {
    return windows.get(row / rowsPerWindow);
  }

  /** Where row {@code row} starts in its {@link #window}. */
  public int byteOffset(int row) {
    return row % rowsPerWindow * cols * format.bytes();
  }

  /** The number of rows, from {@code row} on, that lie in the same window. */
  public int rowsFrom(int row) {
    return Math.min(rows - row, rowsPerWindow - row % rowsPerWindow);
  }

  @Override
  public void read(int row, int col, int rows, int cols, float[] to, int at, int stride) {
    for (int r = 0; r < rows; r++) {
      ByteBuffer bytes = window(row + r);
      int from = byteOffset(row + r) + col * format.bytes();
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
