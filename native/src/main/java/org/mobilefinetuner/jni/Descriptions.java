package org.mobilefinetuner.jni;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Quantization;
import org.mobilefinetuner.tensor.QuantizedMatrix;
import org.mobilefinetuner.tensor.StoredMatrix;
import org.mobilefinetuner.tensor.StoredRows;

/**
 * Matrices in files, written down for the library ({@code struct mft_matrix}): how their numbers
 * are encoded and where their windows lie. Kept for as long as the matrix is.
 */
final class Descriptions {
  private static final int HEAD = 9; // fields before the addresses

  private final Map<Matrix, ByteBuffer> known = new WeakHashMap<>();

  /** The description of a matrix whose bytes lie outside the heap, or null if it is none. */
  @Nullable ByteBuffer of(Matrix matrix) {
    ByteBuffer description = known.get(matrix);
    if (description != null) {
      return description;
    }
    if (matrix instanceof StoredMatrix m) {
      description = describe(code(m.format()), m.cols(), m.stored(), null);
    } else if (matrix instanceof QuantizedMatrix m) {
      description = describe(code(m.quantization()), m.cols(), m.codes(), m.scales());
    }
    if (description != null) {
      known.put(matrix, description);
    }
    return description;
  }

  /** MFT_F32 and others of mft.h. */
  private static int code(Format format) {
    return switch (format) {
      case F32 -> 0;
      case BF16 -> 1;
      case F16 -> 2;
    };
  }

  /** MFT_INT8 and MFT_INT4. */
  private static int code(Quantization quantization) {
    return switch (quantization) {
      case INT8 -> 3;
      case INT4 -> 4;
    };
  }

  private static @Nullable ByteBuffer describe(
      int format, int cols, StoredRows rows, @Nullable StoredRows scales) {
    List<Long> addresses = addresses(rows);
    int windows = addresses.size();
    if (scales != null) {
      addresses.addAll(addresses(scales));
    }
    if (addresses.contains(0L)) {
      return null;
    }
    ByteBuffer fields =
        ByteBuffer.allocateDirect(Long.BYTES * (HEAD + addresses.size()))
            .order(ByteOrder.nativeOrder());
    fields.putLong(format).putLong(cols);
    putRows(fields, rows);
    putRows(fields, scales == null ? rows : scales);
    fields.putLong(windows);
    for (long address : addresses) {
      fields.putLong(address);
    }
    return fields;
  }

  private static List<Long> addresses(StoredRows rows) {
    List<Long> addresses = new ArrayList<>();
    for (int row = 0; row < rows.rows(); row += rows.rowsFrom(row)) {
      ByteBuffer window = rows.window(row);
      addresses.add(window.isDirect() ? Library.address(window) : 0);
    }
    return addresses;
  }

  /** The bytes of a row, the rows of a window, and where row 0 is in the first one. */
  private static void putRows(ByteBuffer fields, StoredRows rows) {
    int first = rows.rows() == 0 ? 0 : rows.offset(0) / rows.rowBytes();
    int perWindow = rows.rows() == 0 ? 1 : first + rows.rowsFrom(0);
    fields.putLong(rows.rowBytes()).putLong(perWindow).putLong(first);
  }
}
