package org.mobilefinetuner.tensor;

import java.util.Arrays;

/**
 * A contiguous, row-major window of float32 values over a shared array.
 *
 * <p>There are no strides: a tensor is {@code rows() × cols()}, where {@code cols} is the last
 * dimension. Kernels read {@link #data()} from {@link #offset()}; nothing else may. Two tensors are
 * the same only if they are the same object: gradients are kept by identity.
 */
public final class Tensor implements Matrix {
  private final float[] data;
  private final int offset;
  private final int[] shape;
  private final int cols;
  private final int size;

  /** The shape is not copied: nobody may change it. */
  Tensor(float[] data, int offset, int[] shape) {
    this.data = data;
    this.offset = offset;
    this.shape = shape;
    this.size = size(shape);
    this.cols = shape[shape.length - 1];
  }

  /**
   * A view of {@code data} from {@code offset}; nothing is copied.
   *
   * @throws IllegalArgumentException if the shape has no dimension or overruns the array
   */
  public static Tensor wrap(float[] data, int offset, int... shape) {
    if (shape.length == 0 || offset < 0 || offset > data.length - size(shape)) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " at " + offset + " overruns " + data.length);
    }
    return new Tensor(data, offset, shape.clone());
  }

  /** A view of all of {@code data}. */
  public static Tensor of(float[] data, int... shape) {
    return wrap(data, 0, shape);
  }

  /** A tensor without values: what is written to it is lost, what is read is undefined. */
  public static Tensor ofShape(int... shape) {
    return new Tensor(new float[0], 0, shape.clone());
  }

  /** A new tensor of zeros on an array of its own. */
  public static Tensor zeros(int... shape) {
    return wrap(new float[size(shape)], 0, shape);
  }

  public float[] data() {
    return data;
  }

  public int offset() {
    return offset;
  }

  /** The last dimension. */
  @Override
  public int cols() {
    return cols;
  }

  /** The product of all dimensions but the last. */
  @Override
  public int rows() {
    return cols == 0 ? 0 : size / cols;
  }

  public int size() {
    return size;
  }

  /** The dimensions themselves, for a tensor of the same shape. */
  int[] dimensions() {
    return shape;
  }

  /** A copy of the dimensions. */
  public int[] shape() {
    return shape.clone();
  }

  @Override
  public Format format() {
    return Format.F32;
  }

  @Override
  public void read(int row, int col, int rows, int cols, float[] to, int at, int stride) {
    for (int r = 0; r < rows && data.length > 0; r++) {
      System.arraycopy(
          data, offset + (row + r) * this.cols + col, to, Math.addExact(at, r * stride), cols);
    }
  }

  /** Rows {@code from} to {@code from + count}, sharing storage. */
  @Override
  public Tensor rows(int from, int count) {
    if (from < 0 || count < 0 || from > rows() - count) {
      throw new IndexOutOfBoundsException(
          "rows " + from + " to " + (from + count) + " of " + rows());
    }
    return new Tensor(data, offset + from * cols, new int[] {count, cols});
  }

  /** The first values as a tensor of another shape, sharing storage. */
  public Tensor first(int... shape) {
    if (size(shape) > size) {
      throw new IndexOutOfBoundsException(size(shape) + " values of " + size);
    }
    return new Tensor(data, offset, shape.clone());
  }

  /** {@code count} values from value {@code from} on as one row, sharing storage. */
  public Tensor part(int from, int count) {
    if (from < 0 || count < 0 || from > size - count) {
      throw new IndexOutOfBoundsException(
          "values " + from + " to " + (from + count) + " of " + size);
    }
    return new Tensor(data, offset + from, new int[] {count});
  }

  public Tensor fill(float value) {
    if (data.length > 0) {
      Arrays.fill(data, offset, offset + size, value);
    }
    return this;
  }

  /** Copies the values of {@code source}, which must have the same size. */
  public Tensor copyFrom(Tensor source) {
    if (source.size != size) {
      throw new IllegalArgumentException("expected " + this + ", found " + source);
    }
    if (data.length > 0 && source.data.length > 0) {
      System.arraycopy(source.data, source.offset, data, offset, size);
    }
    return this;
  }

  /** Copies row {@code from} of {@code source}, which must be as wide, to row {@code to}. */
  public void copyRow(int to, Tensor source, int from) {
    if (source.cols != cols) {
      throw new IllegalArgumentException("expected rows of " + this + ", found " + source);
    }
    if (data.length > 0) {
      source.read(from, 0, 1, cols, data, offset + to * cols, cols);
    }
  }

  /** The number of values of a shape; throws {@link ArithmeticException} beyond 2³¹ - 1. */
  public static int size(int... shape) {
    int size = 1;
    for (int dim : shape) {
      size = Math.multiplyExact(size, dim);
    }
    return size;
  }

  @Override
  public String toString() {
    return "Tensor" + Arrays.toString(shape);
  }
}
