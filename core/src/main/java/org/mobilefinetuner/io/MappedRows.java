package org.mobilefinetuner.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of a matrix in a file, mapped in windows of whole rows, because a mapping holds at most
 * 2 GiB.
 */
record MappedRows(List<ByteBuffer> windows, int rowsPerWindow) {
  /** The most bytes of one window. */
  static final int MAX_WINDOW = 1 << 30;

  /** Maps {@code rows} rows of {@code rowBytes}, at most {@link #MAX_WINDOW} each. */
  static MappedRows map(FileChannel channel, long at, int rows, long rowBytes) throws IOException {
    int rowsPerWindow = (int) Math.min(rows, MAX_WINDOW / rowBytes);
    List<ByteBuffer> windows = new ArrayList<>();
    for (int row = 0; row < rows; row += rowsPerWindow) {
      long bytes = Math.min(rowsPerWindow, rows - row) * rowBytes;
      windows.add(map(channel, at + row * rowBytes, bytes));
    }
    return new MappedRows(windows, rowsPerWindow);
  }

  static ByteBuffer map(FileChannel channel, long at, long bytes) throws IOException {
    return channel.map(FileChannel.MapMode.READ_ONLY, at, bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
