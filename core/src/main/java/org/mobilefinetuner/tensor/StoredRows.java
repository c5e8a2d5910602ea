package org.mobilefinetuner.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;

/**
 * Rows of bytes, all of one length, in a file's mapping or in memory.
 *
 * <p>A file mapping holds at most 2 GiB, so the rows are spread over windows of {@code
 * rowsPerWindow} rows each; the last may be shorter.
 */
public final class StoredRows {
  private final int first; // row of the first window
  private final int rows;
  private final int rowBytes;
  private final List<ByteBuffer> windows;
  private final int rowsPerWindow;

  /**
   * @throws IllegalArgumentException if a window's size does not fit its rows
   */
  public StoredRows(int rows, int rowBytes, List<ByteBuffer> windows, int rowsPerWindow) {
    this.first = 0;
    this.rows = rows;
    this.rowBytes = rowBytes;
    this.windows = List.copyOf(windows);
    this.rowsPerWindow = rowsPerWindow;
    for (int i = 0; i < this.windows.size(); i++) {
      long bytes = (long) Math.min(rowsPerWindow, rows - i * rowsPerWindow) * rowBytes;
      ByteBuffer window = this.windows.get(i);
      if (window.limit() != bytes || window.order() != ByteOrder.LITTLE_ENDIAN) {
        throw new IllegalArgumentException(
            "window " + i + " expected " + bytes + " little-endian bytes, found " + window);
      }
    }
  }

  private StoredRows(StoredRows all, int from, int count) {
    Objects.checkFromIndexSize(from, count, all.rows);
    this.first = (all.first + from) % all.rowsPerWindow;
    this.rows = count;
    this.rowBytes = all.rowBytes;
    this.rowsPerWindow = all.rowsPerWindow;
    int skipped = (all.first + from) / rowsPerWindow;
    int end = (all.first + from + count + rowsPerWindow - 1) / rowsPerWindow;
    this.windows = all.windows.subList(skipped, end);
  }

  public int rows() {
    return rows;
  }

  /** Rows {@code from} to {@code from + count}; nothing is copied. */
  public StoredRows rows(int from, int count) {
    return new StoredRows(this, from, count);
  }

  /** The bytes of one row. */
  public int rowBytes() {
    return rowBytes;
  }

  /** The bytes in which row {@code row} lies; its first byte is at {@link #offset}. */
  public ByteBuffer window(int row) {
    return windows.get((first + row) / rowsPerWindow);
  }

  /** Where row {@code row} starts in its {@link #window}. */
  public int offset(int row) {
    return (first + row) % rowsPerWindow * rowBytes;
  }

  /** The number of rows, from {@code row} on, that lie in the same window. */
  public int rowsFrom(int row) {
    return Math.min(rows - row, rowsPerWindow - (first + row) % rowsPerWindow);
  }

  /** Lets go of the pages of {@code count} rows from {@code row} on. */
  void release(Pages pages, int row, int count) {
    forEachWindow(row, count, pages::release);
  }

  /** Begins to read {@code count} rows from {@code row} on. */
  void expect(Pages pages, int row, int count) {
    forEachWindow(row, count, pages::expect);
  }

  private void forEachWindow(int row, int count, Part part) {
    for (int r = row; r < row + count; ) {
      int some = Math.min(rowsFrom(r), row + count - r);
      part.accept(window(r), offset(r), some * rowBytes);
      r += some;
    }
  }

  /** Neighbouring bytes of a window. */
  private interface Part {
    void accept(ByteBuffer window, int from, int bytes);
  }
}
