package org.mobilefinetuner.tensor;

/**
 * A read-only rectangle of numbers in some storage format: the form in which kernels take weights.
 *
 * <p>Rows are stored one after the other. A kernel decodes the window it is about to use, so a
 * matrix of any format multiplies with every backend; a backend may know some formats better.
 */
public interface Matrix {
  int rows();

  int cols();

  Format format();

  /** The bytes that it takes where it is stored. */
  default long bytes() {
    return (long) rows() * cols() * format().bytes();
  }

  /**
   * Decodes the window of {@code rows × cols} values at ({@code row}, {@code col}) to {@code to},
   * row after row, each {@code stride} floats behind the one before, the first at {@code at}.
   */
  void read(int row, int col, int rows, int cols, float[] to, int at, int stride);

  /**
   * A hint of a kernel that it has read {@code rows} rows from {@code row} on for the last time: a
   * matrix in a file may let go of them. Reading them again is no error.
   */
  default void release(int row, int rows) {}

  /**
   * A hint that {@code rows} rows from {@code row} on will be read soon, and perhaps not their
   * neighbours: a matrix in a file may begin to read them.
   */
  default void expect(int row, int rows) {}

  /**
   * Rows {@code from} to {@code from + count}; nothing is copied.
   *
   * @throws IndexOutOfBoundsException if they are not there
   */
  default Matrix rows(int from, int count) {
    return new RowRange(this, from, count);
  }

  /** The same matrix; if it lies in a file, it lets go of the pages of rows that have been read. */
  default Matrix releasing(Pages pages) {
    return this;
  }
}
