package org.mobilefinetuner.jni;

import java.util.concurrent.atomic.AtomicInteger;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Matrix products: C = beta·C + alpha·op(A)·op(B), cut into tasks; what a task does is in {@code
 * product.c}.
 *
 * <p>A thin C, as of LoRA, is computed as its transpose: only the smaller operand is then packed as
 * a whole.
 *
 * <p>The bits of an element of C are a function of its row of A, its column of B and K: chunks of K
 * depend on K alone.
 */
final class Product {
  /** How A and B are stored. */
  enum Layout {
    /** A: [m, k], B: [n, k]. */
    NT,
    /** A: [m, k], B: [k, n]. */
    NN,
    /** A: [k, m], B: [k, n]. */
    TN
  }

  private static final int THIN = 48; // columns of C at which B is packed rather than A
  private static final int LINE = 16; // floats
  private static final int STREAMED = 1 << 24; // bytes of a B in a file that are read at a time

  private final Workspace workspace;
  private final Descriptions descriptions;
  private final Arithmetic arithmetic;
  private final Caches caches = Caches.of(Library.lanes());

  /**
   * @param arithmetic of all products but those with a C of few columns, which are bound by memory
   *     and stay in float32
   */
  Product(Parallel parallel, Scratch[] scratch, Descriptions descriptions, Arithmetic arithmetic) {
    workspace = new Workspace(parallel, scratch, new Scratch(), new AtomicInteger());
    this.descriptions = descriptions;
    this.arithmetic = arithmetic;
  }

  /** The bytes outside the heap that a packed operand takes. */
  long scratchBytes() {
    return workspace.packed.bytes();
  }

  /**
   * What fits where.
   *
   * @param chunk of K: a strip of A and a panel of B stay near
   * @param panels floats of packed B: the larger part of a second cache
   * @param packed floats of packed A: a part of the last cache
   */
  record Caches(int chunk, int panels, int packed) {
    static Caches of(int lanes) {
      return lanes == 4 ? new Caches(384, 1 << 15, 1 << 20) : new Caches(768, 1 << 17, 1 << 20);
    }
  }

  void run(Layout layout, float alpha, Tensor a, Matrix b, float beta, Tensor c) {
    int k = layout == Layout.TN ? a.rows() : a.cols();
    if (k == 0 && beta == 0) {
      c.fill(0);
    }
    if (k == 0 || c.size() == 0) {
      return;
    }
    boolean thin = c.cols() <= THIN && c.rows() >= 4 * c.cols();
    boolean aByColumns = layout == Layout.TN;
    boolean bByRows = layout == Layout.NT;
    if (thin && b instanceof Tensor strips) {
      Weights panels = new Weights(a, descriptions);
      run(new Operands(strips, !bByRows, panels, !aByColumns, c, true, alpha), beta, k);
    } else {
      Weights panels = new Weights(b, descriptions);
      run(new Operands(a, aByColumns, panels, bByRows, c, false, alpha), beta, k);
    }
  }

  private void run(Operands operands, float beta, int k) {
    int m = operands.rows();
    int chunk = chunk(k);
    int threads = workspace.parallel.threads();
    boolean tall = TallPart.suits(threads, m, operands.columns(), chunk, caches);
    Arithmetic rounding = operands.c.cols() <= THIN ? Arithmetic.F32 : arithmetic;
    int rows = tall ? m : part(m, (int) ((long) m * chunk / caches.packed) + 1, Library.tileRows());
    long lines = tall ? (long) ProductPart.panels(operands.columns()) * ProductPart.WIDTH : rows;
    long parts = Math.max(lines * k / caches.packed, operands.fileBytes() / STREAMED);
    int span = part(k, (int) parts + 1, chunk);
    for (int row = 0; row < m; row += rows) {
      int some = Math.min(rows, m - row);
      for (int p = 0; p < k; p += span) {
        int length = Math.min(span, k - p);
        boolean adds = beta != 0 || p > 0;
        ProductPart.Range range = new ProductPart.Range(adds, chunk, row, some, p, length);
        ProductPart part =
            tall
                ? new TallPart(operands, rounding, range, workspace)
                : new WidePart(operands, rounding, range, workspace, caches);
        part.run();
        operands.releaseDepth(p, length);
      }
    }
    operands.release();
  }

  /** The length of the chunks in which {@code k} terms are added up: whole lines of memory. */
  int chunk(int k) {
    return part(k, Math.max(1, (k + caches.chunk - 1) / caches.chunk), LINE);
  }

  /** The size of one of {@code count} equal parts of {@code n}, a multiple of {@code unit}. */
  private static int part(int n, int count, int unit) {
    return ((n + count - 1) / count + unit - 1) / unit * unit;
  }

  /**
   * What all parts of all products use, one after the other.
   *
   * @param own the working memory of each thread
   * @param packed what is packed at once, by all threads
   * @param packs the tasks that have packed
   */
  record Workspace(Parallel parallel, Scratch[] own, Scratch packed, AtomicInteger packs) {}

  /**
   * What is multiplied, and where to.
   *
   * @param a whose rows are packed to strips
   * @param byColumns whether the rows of the product are the columns of {@code a}
   * @param b whose columns are packed to panels
   * @param byRows whether the columns of the product are the rows of {@code b}
   * @param turned whether the product's columns are the rows of {@code c}
   */
  record Operands(
      Tensor a,
      boolean byColumns,
      Weights b,
      boolean byRows,
      Tensor c,
      boolean turned,
      float alpha) {
    int rows() {
      return turned ? c.cols() : c.rows();
    }

    int columns() {
      return turned ? c.rows() : c.cols();
    }

    /** The bytes of B that are read from a file, all rows of them for every chunk of K. */
    long fileBytes() {
      return byRows ? 0 : b.bytes();
    }

    /** Tells B that columns of the product have been packed for the last time. */
    void releaseColumns(int column, int count) {
      if (byRows) {
        b.matrix().release(column, count);
      }
    }

    /** The same of {@code length} values of every column, from {@code p} on. */
    void releaseDepth(int p, int length) {
      if (!byRows) {
        b.matrix().release(p, length);
      }
    }

    /** Tells B that all of it has been packed. */
    void release() {
      b.matrix().release(0, b.matrix().rows());
    }
  }
}
