package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.L;
import static org.mobilefinetuner.vector.Pack.roundUp;
import static org.mobilefinetuner.vector.Product.GROUPS;
import static org.mobilefinetuner.vector.Product.WIDTH;

import java.util.concurrent.atomic.AtomicInteger;
import org.mobilefinetuner.kernel.Blocks;
import org.mobilefinetuner.kernel.Parallel;

/**
 * A {@link Product} of some rows of op(A) over a part of K, few enough to be packed at once.
 *
 * <p>Both of its stages are one run of the team: the tasks that pack A have the first numbers, so
 * that all of them have begun when the first task that multiplies does.
 */
final class ProductPart {
  private static final int PACKED_B = 1 << 17; // floats: 512 KiB, half of a second cache
  private static final int SMALL_C = 1 << 20; // floats that stay in the third cache
  private static final int SPINS = 2000;
  private static final int PACK_GROUPS = 16; // a task of packing A: 64 rows

  private final Strips a;
  private final Panels b;
  private final Target c;
  private final boolean adds;
  private final int chunk;
  private final int row;
  private final int rows;
  private final int first;
  private final int length;
  private final int groups;

  private final AtomicInteger packed = new AtomicInteger();
  private float[] pa = new float[0];
  private Scratch[] scratch = new Scratch[0];
  private int packs;
  private Blocks panels = new Blocks(0, 1, 1);
  private int panelsPerBlock;
  private int columnTasks;
  private int rowTasks;

  /**
   * @param adds whether the result is added to C
   * @param chunk the length of the chunks of K
   * @param row the first of {@code rows} rows of op(A) and C
   * @param first the first of {@code length} values of K
   */
  ProductPart(
      Strips a,
      Panels b,
      Target c,
      boolean adds,
      int chunk,
      int row,
      int rows,
      int first,
      int length) {
    this.a = a;
    this.b = b;
    this.c = c;
    this.adds = adds;
    this.chunk = chunk;
    this.row = row;
    this.rows = rows;
    this.first = first;
    this.length = length;
    this.groups = (rows + 3) / 4;
  }

  /** Runs with {@code storage} for the packed A, and returns it, or a larger one. */
  float[] run(Parallel parallel, Scratch[] scratch, float[] storage) {
    int floats = groups * 4 * roundUp(length, Pack.STEP);
    this.pa = storage.length < floats ? new float[floats] : storage;
    this.scratch = scratch;
    plan(parallel.threads());
    parallel.run(packs + columnTasks * rowTasks, this::task);
    return pa;
  }

  /** Cuts C into tasks: by columns, and by rows as well where there are too few columns. */
  private void plan(int threads) {
    packs = (groups + PACK_GROUPS - 1) / PACK_GROUPS;
    panelsPerBlock = Math.max(1, PACKED_B / (chunk * WIDTH));
    int all = (c.cols() + WIDTH - 1) / WIDTH;
    boolean small = (long) rows * c.cols() <= SMALL_C;
    panels = new Blocks(all, threads, small ? all : panelsPerBlock);
    columnTasks = panels.count();
    rowTasks = Math.max(1, Math.min(4 * (threads - 1) / columnTasks, groups / 12));
  }

  private void task(int task, int thread) {
    Scratch own = scratch[thread];
    if (task < packs) {
      try {
        packA(task * PACK_GROUPS, Math.min(groups, (task + 1) * PACK_GROUPS), own);
      } finally {
        packed.incrementAndGet();
      }
      return;
    }
    awaitPacked();
    int i = (task - packs) % columnTasks;
    int j = (task - packs) / columnTasks;
    multiply(
        panels.start(i) * WIDTH,
        Math.min(c.cols(), panels.start(i + 1) * WIDTH),
        groups / GROUPS * j / rowTasks * GROUPS,
        j + 1 == rowTasks ? groups : groups / GROUPS * (j + 1) / rowTasks * GROUPS,
        own);
  }

  /** Short, as all of these tasks are running; longer where threads outnumber processors. */
  @SuppressWarnings("ThreadPriorityCheck") // gives way to the thread that is waited for
  private void awaitPacked() {
    for (int i = 0; packed.get() < packs; i++) {
      if (i < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }

  private void packA(int group, int lastGroup, Scratch own) {
    int top = row + 4 * group;
    int count = Math.min(row + rows, row + 4 * lastGroup) - top;
    for (int p = 0; p < length; p += chunk) {
      int some = Math.min(chunk, length - p);
      a.pack(top, count, first + p, some, pa, at(p, group), step(p), own);
    }
  }

  /** From one group to the next in the chunk at {@code p}. */
  private int step(int p) {
    return 4 * roundUp(Math.min(chunk, length - p), Pack.STEP);
  }

  /** Where {@code group} of the chunk at {@code p} is packed. */
  private int at(int p, int group) {
    return 4 * groups * p + group * step(p);
  }

  /** Chunk after chunk, so that B is read in the order of memory as far as columns reach. */
  private void multiply(int column, int lastColumn, int group, int lastGroup, Scratch own) {
    int some = (lastColumn - column + WIDTH - 1) / WIDTH;
    int blocks = (some + panelsPerBlock - 1) / panelsPerBlock;
    int block = (some + blocks - 1) / blocks * WIDTH; // equal ones: A goes past each
    for (int p = 0; p < length; p += chunk) {
      for (int col = column; col < lastColumn; col += block) {
        multiply(p, col, Math.min(lastColumn, col + block), group, lastGroup, own);
      }
    }
    b.releaseColumns(column, lastColumn - column);
  }

  private void multiply(int p, int column, int lastColumn, int group, int lastGroup, Scratch own) {
    int step = WIDTH * chunk;
    float[] pb = own.floats(Scratch.PANELS, panelsPerBlock * step);
    int some = Math.min(chunk, length - p);
    b.pack(column, lastColumn - column, first + p, some, pb, step, own);
    boolean add = adds || p > 0;
    for (int g = group; g < lastGroup; g += GROUPS) {
      int tall = Math.min(GROUPS, lastGroup - g);
      for (int col = column, bo = 0; col < lastColumn; col += WIDTH, bo += step) {
        int wide = Math.min(WIDTH, lastColumn - col);
        int vectors = (wide + L - 1) / L;
        int top = row + 4 * g;
        int high = Math.min(4 * tall, row + rows - top);
        if (add) {
          own.touched = c.touch(top, col, high, wide);
        }
        MicroKernel.run(tall, vectors, some, pa, at(p, g), step(p), pb, bo, own.tile);
        c.put(own.tile, vectors * L, top, col, high, wide, add);
      }
    }
  }
}
