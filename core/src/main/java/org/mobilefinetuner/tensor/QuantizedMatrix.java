package org.mobilefinetuner.tensor;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A matrix of whole numbers with a scale for each group, see {@link Quantization}. Codes and scales
 * stay in the bytes of their file and are decoded where they are read.
 */
public final class QuantizedMatrix implements Matrix {
  private final Quantization quantization;
  private final int cols;
  private final StoredRows codes;
  private final StoredRows scales;
  private final @Nullable Pages pages;

  /**
   * @param codes a row for each row of the matrix
   * @param scales likewise, a float16 for each group of the row
   * @throws IllegalArgumentException if they do not fit each other
   */
  public QuantizedMatrix(Quantization quantization, int cols, StoredRows codes, StoredRows scales) {
    this(quantization, cols, codes, scales, null);
  }

  private QuantizedMatrix(
      Quantization quantization,
      int cols,
      StoredRows codes,
      StoredRows scales,
      @Nullable Pages pages) {
    if (codes.rows() != scales.rows()
        || codes.rowBytes() != quantization.bytes(cols)
        || scales.rowBytes() != Short.BYTES * Quantization.groups(cols)) {
      throw new IllegalArgumentException(
          String.format(
              "expected rows of %d bytes with %d scales, found %d of %d and %d of %d bytes",
              quantization.bytes(cols),
              Quantization.groups(cols),
              codes.rows(),
              codes.rowBytes(),
              scales.rows(),
              scales.rowBytes()));
    }
    this.quantization = quantization;
    this.cols = cols;
    this.codes = codes;
    this.scales = scales;
    this.pages = pages;
  }

  public Quantization quantization() {
    return quantization;
  }

  public StoredRows codes() {
    return codes;
  }

  public StoredRows scales() {
    return scales;
  }

  @Override
  public int rows() {
    return codes.rows();
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
  public long bytes() {
    return quantization.bytes(rows(), cols);
  }

  @Override
  public Matrix releasing(Pages pages) {
    return new QuantizedMatrix(quantization, cols, codes, scales, pages);
  }

  @Override
  public Matrix rows(int from, int count) {
    return new QuantizedMatrix(
        quantization, cols, codes.rows(from, count), scales.rows(from, count), pages);
  }

  @Override
  public void expect(int row, int rows) {
    if (pages != null) {
      codes.expect(pages, row, rows);
      scales.expect(pages, row, rows);
    }
  }

  @Override
  public void release(int row, int rows) {
    if (pages != null) {
      codes.release(pages, row, rows);
      scales.release(pages, row, rows);
    }
  }

  @Override
  public void read(int row, int col, int rows, int cols, float[] to, int at, int stride) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; ) {
        int first = (col + c) / Quantization.GROUP * Quantization.GROUP;
        int size = Math.min(Quantization.GROUP, this.cols - first);
        int from = col + c - first;
        int n = Math.min(size - from, cols - c);
        group(row + r, first, size, from, n, to, at + r * stride + c);
        c += n;
      }
    }
  }

  /** Decodes {@code n} values of a group, number {@code from} first. */
  private void group(int row, int first, int size, int from, int n, float[] to, int at) {
    int scaleAt = scales.offset(row) + Short.BYTES * (first / Quantization.GROUP);
    float scale = Format.f16(scales.window(row).getShort(scaleAt));
    ByteBuffer bytes = codes.window(row);
    int codesAt = codes.offset(row) + quantization.bytes(first);
    for (int i = 0; i < n; i++) {
      to[at + i] = scale * quantization.code(bytes, codesAt, from + i, size);
    }
  }
}
