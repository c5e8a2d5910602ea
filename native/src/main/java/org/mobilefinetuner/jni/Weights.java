package org.mobilefinetuner.jni;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * A matrix as the library takes it: an array, or the address of its {@link Descriptions
 * description}, or neither, in which case Java decodes the part that a task needs.
 */
final class Weights {
  /** A part of a matrix in an array, or where {@code floats} is null the whole described one. */
  record Part(float @Nullable [] floats, int at, int ld, int row, int column) {}

  private static final Part DESCRIBED = new Part(null, 0, 0, 0, 0);

  private final Matrix matrix;
  private final long address;
  private final @Nullable Part whole;

  Weights(Matrix matrix, Descriptions descriptions) {
    this.matrix = matrix;
    @Nullable ByteBuffer description = descriptions.of(matrix);
    this.address = description == null ? 0 : Library.address(description);
    if (matrix instanceof Tensor t) {
      whole = new Part(t.data(), t.offset(), t.cols(), 0, 0);
    } else {
      whole = address == 0 ? null : DESCRIBED;
    }
  }

  Matrix matrix() {
    return matrix;
  }

  /** The address of the description, or 0. */
  long address() {
    return address;
  }

  /** Whether Java has to decode it. */
  boolean foreign() {
    return whole == null;
  }

  /** The bytes that are read from a file. */
  long bytes() {
    return matrix instanceof Tensor ? 0 : matrix.bytes();
  }

  /** A part that holds the given rectangle. */
  Part part(int row, int column, int rows, int columns, Scratch own) {
    if (whole != null) {
      return whole;
    }
    float[] decoded = own.array(rows * columns);
    matrix.read(row, column, rows, columns, decoded, 0, columns);
    return new Part(decoded, 0, columns, row, column);
  }
}
