package org.mobilefinetuner.jni;

import java.util.concurrent.atomic.AtomicInteger;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.tensor.Tensor;

/**
 * A {@link Product} of some rows of op(A) over a part of K, few enough to be packed at once.
 *
 * <p>Both of its stages are one run of the team: the tasks that pack A have the first numbers, so
 * that all of them have begun when the first task that multiplies does. A task waits outside the
 * library, where no array is held.
 */
final class ProductPart {
  private static final int SMALL_C = 1 << 20; // floats that stay in the last cache
  private static final int PACK_GROUPS = 16; // a task of packing A: 64 rows

  private final Product.Strips a;
  private final Product.Panels b;
  private final Product.Target c;
  private final Arithmetic arithmetic;
  private final boolean adds;
  private final int chunk;
  private final int row;
  private final int rows;
  private final int first;
  private final int length;
  private final int groups;
  private final int width = Library.tileColumns();
  private final int tall = Library.tileRows() / 4; // groups of a tile
  private final int panelsPerBlock;

  private final AtomicInteger packed = new AtomicInteger();
  private long pa;
  private Scratch[] scratch = new Scratch[0];
  private int packs;
  private int panels;
  private int columnTasks;
  private int rowTasks;

  /**
   * @param adds whether the result is added to C
   * @param chunk the length of the chunks of K
   * @param row the first of {@code rows} rows of op(A) and C
   * @param first the first of {@code length} values of K
   */
  ProductPart(
      Product.Strips a,
      Product.Panels b,
      Product.Target c,
      Arithmetic arithmetic,
      Product.Caches caches,
      boolean adds,
      int chunk,
      int row,
      int rows,
      int first,
      int length) {
    this.a = a;
    this.b = b;
    this.c = c;
    this.arithmetic = arithmetic;
    this.adds = adds;
    this.chunk = chunk;
    this.row = row;
    this.rows = rows;
    this.first = first;
    this.length = length;
    this.groups = (rows + 3) / 4;
    this.panelsPerBlock = Math.max(1, caches.panels() / (arithmetic.depth(chunk) * width));
  }

  /** Runs with {@code storage} for the packed A. */
  void run(Parallel parallel, Scratch[] scratch, Scratch storage) {
    this.pa = storage.floats(4L * groups * depthBefore(length));
    this.scratch = scratch;
    plan(parallel.threads());
    parallel.run(packs + columnTasks * rowTasks, this::task);
  }

  /**
   * Cuts C into equal tasks, a multiple of the threads: by columns, and by rows as well where there
   * are too few columns.
   */
  private void plan(int threads) {
    packs = (groups + PACK_GROUPS - 1) / PACK_GROUPS;
    panels = (c.cols() + width - 1) / width;
    int most = (long) rows * c.cols() <= SMALL_C ? panels : panelsPerBlock;
    int tasks = Math.max((panels + most - 1) / most, 4 * (threads - 1));
    tasks = (tasks + threads - 1) / threads * threads;
    columnTasks = Math.min(panels, tasks);
    rowTasks = Math.max(1, Math.min(tasks / columnTasks, groups / 12));
  }

  private void task(int task, int thread) {
    if (task < packs) {
      try {
        pack(task * PACK_GROUPS, Math.min(groups, (task + 1) * PACK_GROUPS));
      } finally {
        packed.incrementAndGet();
      }
      return;
    }
    awaitPacked();
    int i = (task - packs) % columnTasks;
    int j = (task - packs) / columnTasks;
    multiply(
        panels * i / columnTasks * width,
        Math.min(c.cols(), panels * (i + 1) / columnTasks * width),
        groups / tall * j / rowTasks * tall,
        j + 1 == rowTasks ? groups : groups / tall * (j + 1) / rowTasks * tall,
        scratch[thread]);
  }

  /** Short, as all of these tasks are running. */
  @SuppressWarnings("ThreadPriorityCheck") // gives way to the thread that is waited for
  private void awaitPacked() {
    while (packed.get() < packs) {
      Thread.yield();
    }
  }

  private void pack(int group, int lastGroup) {
    Tensor t = a.a();
    int top = row + 4 * group;
    int count = Math.min(row + rows, row + 4 * lastGroup) - top;
    for (int p = 0; p < length; p += chunk) {
      int k = Math.min(chunk, length - p);
      arithmetic
          .pack()
          .run(
              t.data(),
              t.offset(),
              t.cols(),
              a.byColumns(),
              top,
              count,
              first + p,
              k,
              at(p, k, group));
    }
  }

  /** Where {@code group} of the chunk at {@code p}, of {@code k} values, is packed. */
  private long at(int p, int k, int group) {
    return pa
        + Float.BYTES * 4L * ((long) groups * depthBefore(p) + (long) group * arithmetic.depth(k));
  }

  /** The floats of a packed row before value {@code p}, which begins or ends a chunk. */
  private int depthBefore(int p) {
    return p / chunk * arithmetic.depth(chunk) + arithmetic.depth(p % chunk);
  }

  /** Chunk after chunk, so that B is read in the order of memory as far as columns reach. */
  private void multiply(int column, int lastColumn, int group, int lastGroup, Scratch own) {
    int some = (lastColumn - column + width - 1) / width;
    int blocks = (some + panelsPerBlock - 1) / panelsPerBlock;
    int block = (some + blocks - 1) / blocks * width; // equal ones: A goes past each
    for (int p = 0; p < length; p += chunk) {
      int k = Math.min(chunk, length - p);
      for (int col = column; col < lastColumn; col += block) {
        multiply(p, k, col, Math.min(lastColumn, col + block), group, lastGroup, own);
      }
    }
    b.releaseColumns(column, lastColumn - column);
  }

  private void multiply(
      int p, int k, int column, int lastColumn, int group, int lastGroup, Scratch own) {
    int columns = lastColumn - column;
    int depth = first + p;
    Weights.Part part =
        b.transposed()
            ? b.weights().part(column, depth, columns, k, own)
            : b.weights().part(depth, column, k, columns, own);
    Tensor to = c.c();
    arithmetic
        .multiply()
        .run(
            at(p, k, group),
            lastGroup - group,
            part.floats(),
            part.at(),
            part.ld(),
            part.row(),
            part.column(),
            b.weights().address(),
            b.transposed(),
            column,
            lastColumn,
            depth,
            k,
            to.data(),
            to.offset(),
            to.cols(),
            c.turned(),
            c.alpha(),
            adds || p > 0,
            row + 4 * group,
            Math.min(row + rows, row + 4 * lastGroup),
            own.floats(Library.multiplyFloats(columns, arithmetic.depth(k))));
  }
}
