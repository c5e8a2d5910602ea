package org.mobilefinetuner.kernel;

/**
 * How kernels are cut into tasks for a team of threads where that does not change a sum: by
 * elements, by rows, and what is summed over rows by columns.
 */
public final class Split {
  /** Elements of a task; only the last has fewer. */
  public static final int BLOCK = 1 << 14;

  private static final int STRIP = 64; // columns of a task, or a multiple
  private static final int STRIPS = 4; // tasks of a thread: long strips, as rows lie far apart

  private final Parallel parallel;
  private double[] sums = new double[0]; // of blocks; kept, as every step asks for some

  public Split(Parallel parallel) {
    this.parallel = parallel;
  }

  /** A task of {@code count} elements or rows, from {@code from} on. */
  @FunctionalInterface
  public interface Part {
    void run(int from, int count);
  }

  /** The same for a task that needs what its thread has of its own. */
  @FunctionalInterface
  public interface ThreadPart {
    void run(int from, int count, int thread);
  }

  /** What {@code count} elements from {@code from} on add to a sum. */
  @FunctionalInterface
  public interface Term {
    double of(int from, int count);
  }

  /** A task of the columns {@code from} to {@code to}. */
  @FunctionalInterface
  public interface Columns {
    void run(int from, int to);
  }

  /** Runs {@code task} on blocks of {@code size} elements. */
  public void elements(int size, Part task) {
    rows(size, 1, task);
  }

  /** Runs {@code task} on blocks of {@code size} elements. */
  public void elements(int size, ThreadPart task) {
    rows(size, 1, task);
  }

  /** The sum of what blocks of {@code size} elements add to it, in their order. */
  public double sum(int size, Term term) {
    int count = (size + BLOCK - 1) / BLOCK;
    if (sums.length < count) {
      sums = new double[count];
    }
    double[] parts = sums;
    elements(size, (from, n) -> parts[from / BLOCK] = term.of(from, n));
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += parts[i];
    }
    return sum;
  }

  /** Runs {@code task} on some of {@code rows} rows of {@code cols} elements at a time. */
  public void rows(int rows, int cols, Part task) {
    int some = rowsOfTask(cols);
    parallel.run(
        (rows + some - 1) / some,
        (i, thread) -> task.run(i * some, Math.min(some, rows - i * some)));
  }

  /** Runs {@code task} on some of {@code rows} rows of {@code cols} elements at a time. */
  public void rows(int rows, int cols, ThreadPart task) {
    int some = rowsOfTask(cols);
    parallel.run(
        (rows + some - 1) / some,
        (i, thread) -> task.run(i * some, Math.min(some, rows - i * some), thread));
  }

  private static int rowsOfTask(int cols) {
    return Math.max(1, BLOCK / Math.max(1, cols));
  }

  /** Runs {@code task} on some of {@code cols} columns at a time. */
  public void columns(int cols, Columns task) {
    int even = cols / (STRIPS * parallel.threads());
    int some = Math.max(1, (even + STRIP - 1) / STRIP) * STRIP;
    parallel.run(
        (cols + some - 1) / some,
        (i, thread) -> task.run(i * some, Math.min(cols, (i + 1) * some)));
  }
}
