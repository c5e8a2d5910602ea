package org.mobilefinetuner.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.tensor.StoredRows;

/** Stored rows as memory segments, from which vectors are loaded. */
final class RowSegments {
  private final List<MemorySegment> windows = new ArrayList<>();
  private final int first; // row of the first window
  private final int rowsPerWindow;
  private final long rowBytes;

  RowSegments(StoredRows rows) {
    for (int row = 0; row < rows.rows(); row += rows.rowsFrom(row)) {
      ByteBuffer bytes = rows.window(row).duplicate();
      windows.add(MemorySegment.ofBuffer(bytes.position(0)));
    }
    rowBytes = rows.rowBytes();
    first = rows.rows() == 0 || rowBytes == 0 ? 0 : (int) (rows.offset(0) / rowBytes);
    rowsPerWindow = Math.max(1, first + rows.rowsFrom(0));
  }

  /** The bytes in which row {@code row} lies; its first byte is at {@link #offset}. */
  MemorySegment window(int row) {
    return windows.get((first + row) / rowsPerWindow);
  }

  /** Where row {@code row} starts in its {@link #window}. */
  long offset(int row) {
    return (first + row) % rowsPerWindow * rowBytes;
  }
}
