package org.mobilefinetuner.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.kernel.GroupQuantizer;
import org.mobilefinetuner.tensor.Quantization;
import org.mobilefinetuner.tensor.QuantizedMatrix;
import org.mobilefinetuner.tensor.StoredRows;
import org.mobilefinetuner.tensor.Tensor;

/** Quantised matrices in memory. */
public final class QuantizedMatrices {
  private QuantizedMatrices() {}

  /**
   * Quantises a matrix.
   *
   * @param rowsPerWindow of the codes; scales have another number
   */
  public static QuantizedMatrix of(Quantization quantization, Tensor values, int rowsPerWindow) {
    int rows = values.rows();
    int cols = values.cols();
    int codeBytes = quantization.bytes(cols);
    int scaleBytes = Short.BYTES * Quantization.groups(cols);
    byte[] codes = new byte[rows * codeBytes];
    byte[] scales = new byte[rows * scaleBytes];
    GroupQuantizer quantizer = new GroupQuantizer(quantization);
    for (int r = 0; r < rows; r++) {
      int at = values.offset() + r * cols;
      quantizer.encode(values.data(), at, cols, codes, r * codeBytes, scales, r * scaleBytes);
    }
    return new QuantizedMatrix(
        quantization,
        cols,
        stored(codes, rows, codeBytes, rowsPerWindow),
        stored(scales, rows, scaleBytes, rowsPerWindow + 1));
  }

  private static StoredRows stored(byte[] bytes, int rows, int rowBytes, int rowsPerWindow) {
    List<ByteBuffer> windows = new ArrayList<>();
    for (int row = 0; row < rows; row += rowsPerWindow) {
      int size = Math.min(rowsPerWindow, rows - row) * rowBytes;
      ByteBuffer window = ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
      windows.add(window.put(0, bytes, row * rowBytes, size));
    }
    return new StoredRows(rows, rowBytes, windows, rowsPerWindow);
  }
}
