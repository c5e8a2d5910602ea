package org.mobilefinetuner.tensor;

/**
 * Some neighbouring columns of a tensor, from {@code column} on: q, k or v inside a fused [T, 3d].
 *
 * <p>It is not a tensor: it has no gradient of its own, the whole tensor has one.
 */
public record Window(Tensor tensor, int column) {
  public Window {
    if (column < 0 || column > tensor.cols()) {
      throw new IndexOutOfBoundsException("column " + column + " of " + tensor.cols());
    }
  }

  /** The position of row {@code row}'s first value in the tensor's array. */
  public int at(int row) {
    return tensor.offset() + row * tensor.cols() + column;
  }

  public float[] data() {
    return tensor.data();
  }

  /** Floats from one row to the next. */
  public int stride() {
    return tensor.cols();
  }

  /** The same columns of another tensor of the same width: the gradient's. */
  public Window of(Tensor other) {
    return new Window(other, column);
  }
}
