package org.mobilefinetuner.jni;

import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.tensor.Tensor;

/**
 * A {@link Product} of some rows of op(A) over a part of K: so much that one of the operands is
 * packed at once. Each task then packs some of the other, and multiplies.
 *
 * <p>Both of these stages are one run of the team: the tasks that pack have the first numbers, so
 * that all of them have begun when the first task that multiplies does. A task waits outside the
 * library, where no array is held.
 */
abstract sealed class ProductPart implements Parallel.Task permits WidePart, TallPart {
  /**
   * What of the product is computed.
   *
   * @param adds whether the result is added to C
   * @param chunk the length of the chunks of K
   * @param row the first of {@code rows} rows of op(A) and C
   * @param first the first of {@code length} values of K
   */
  record Range(boolean adds, int chunk, int row, int rows, int first, int length) {}

  static final int WIDTH = Library.tileColumns();
  static final int TILE_ROWS = Library.tileRows();

  private final Product.Operands operands;
  private final Arithmetic arithmetic;
  private final Range range;
  private final Product.Workspace workspace;
  private long storage;
  private int packs;

  ProductPart(
      Product.Operands operands, Arithmetic arithmetic, Range range, Product.Workspace workspace) {
    this.operands = operands;
    this.arithmetic = arithmetic;
    this.range = range;
    this.workspace = workspace;
  }

  final void run() {
    storage = workspace.packed().floats((long) lines() * depthBefore(range.length));
    packs = packs();
    workspace.packs().set(0);
    workspace.parallel().run(packs + multiplications(), this);
  }

  /** The rows of op(A), or columns of op(B), for which there is room in what is packed at once. */
  abstract int lines();

  /** The number of tasks that pack. */
  abstract int packs();

  /** The number of tasks that multiply. */
  abstract int multiplications();

  abstract void pack(int task, Scratch own);

  abstract void multiply(int task, Scratch own);

  @Override
  public final void run(int task, int thread) {
    Scratch own = workspace.own()[thread];
    if (task < packs) {
      try {
        pack(task, own);
      } finally {
        workspace.packs().incrementAndGet();
      }
    } else {
      awaitPacked();
      multiply(task - packs, own);
    }
  }

  /** Short, as all of these tasks are running. */
  @SuppressWarnings("ThreadPriorityCheck") // gives way to the thread that is waited for
  private void awaitPacked() {
    while (workspace.packs().get() < packs) {
      Thread.yield();
    }
  }

  /** The panels that hold {@code columns} columns. */
  static int panels(int columns) {
    return (columns + WIDTH - 1) / WIDTH;
  }

  final int rows() {
    return range.rows;
  }

  final int columns() {
    return operands.columns();
  }

  final int length() {
    return range.length;
  }

  final int chunk() {
    return range.chunk;
  }

  /** The values of K in the chunk at {@code p}. */
  final int some(int p) {
    return Math.min(range.chunk, range.length - p);
  }

  /** The floats of each packed row or column of the chunk at {@code p}. */
  final int depth(int p) {
    return arithmetic.depth(some(p));
  }

  /** Where {@code line} of the chunk at {@code p} is in what is packed at once. */
  final long packedAt(int p, int line) {
    return storage + Float.BYTES * ((long) lines() * depthBefore(p) + (long) line * depth(p));
  }

  /** The floats of a packed line before value {@code p}, which begins or ends a chunk. */
  private int depthBefore(int p) {
    return p / range.chunk * arithmetic.depth(range.chunk) + arithmetic.depth(p % range.chunk);
  }

  /** Packs rows {@code row} to {@code lastRow} of the chunk at {@code p}. */
  final void packStrips(int p, int row, int lastRow, long to) {
    Tensor a = operands.a();
    arithmetic
        .packStrips()
        .run(
            a.data(),
            a.offset(),
            a.cols(),
            operands.byColumns(),
            range.row + row,
            lastRow - row,
            range.first + p,
            some(p),
            to);
  }

  /** Packs columns {@code column} to {@code lastColumn} of the chunk at {@code p}. */
  final void packPanels(int p, int column, int lastColumn, long to, long decoded, Scratch own) {
    Weights weights = operands.b();
    boolean transposed = operands.byRows();
    int columns = lastColumn - column;
    int at = range.first + p;
    Weights.Part part =
        transposed
            ? weights.part(column, at, columns, some(p), own)
            : weights.part(at, column, some(p), columns, own);
    arithmetic
        .packPanels()
        .run(
            part.floats(),
            part.at(),
            part.ld(),
            part.row(),
            part.column(),
            weights.address(),
            transposed,
            column,
            columns,
            at,
            some(p),
            to,
            decoded);
  }

  /** Multiplies what has been packed of the chunk at {@code p}. */
  final void multiply(
      int p, int row, int lastRow, long strips, int column, int lastColumn, long panels) {
    Tensor c = operands.c();
    arithmetic
        .multiply()
        .run(
            strips,
            lastRow - row,
            panels,
            lastColumn - column,
            depth(p),
            c.data(),
            c.offset(),
            c.cols(),
            operands.turned(),
            operands.alpha(),
            range.adds || p > 0,
            range.row + row,
            column);
  }

  /** Says that columns have been packed for the last time. */
  final void releaseColumns(int column, int lastColumn) {
    operands.releaseColumns(column, lastColumn - column);
  }
}
