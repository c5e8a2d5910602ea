package org.mobilefinetuner.kernel;

/**
 * How kernels are cut into tasks for a team of threads where that does not change a sum: by
 * elements, by rows, and what is summed over rows by columns.
 */
public final class Split {
  /** Elements of a task; only the last has fewer. */
  public static final int BLOCK = 1 << 14;

  private static final int STRIP = 64; // columns of a task

  private final Parallel parallel;

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

  /** Runs {@code task} on some of {@code rows} rows of {@code cols} elements at a time. */
  public void rows(int rows, int cols, Part task) {
    rows(rows, cols, (from, count, thread) -> task.run(from, count));
  }

  /** Runs {@code task} on some of {@code rows} rows of {@code cols} elements at a time. */
  public void rows(int rows, int cols, ThreadPart task) {
    int some = Math.max(1, BLOCK / Math.max(1, cols));
    parallel.run(
        (rows + some - 1) / some,
        (i, thread) -> task.run(i * some, Math.min(some, rows - i * some), thread));
  }

  /** Runs {@code task} on some of {@code cols} columns at a time. */
  public void columns(int cols, Columns task) {
    parallel.run(
        (cols + STRIP - 1) / STRIP,
        (i, thread) -> task.run(i * STRIP, Math.min(cols, (i + 1) * STRIP)));
  }
}
