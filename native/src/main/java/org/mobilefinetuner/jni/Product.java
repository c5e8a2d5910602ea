package org.mobilefinetuner.jni;

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

  private final Parallel parallel;
  private final Scratch[] scratch;
  private final Descriptions descriptions;
  private final Arithmetic arithmetic;
  private final Scratch packed = new Scratch();
  private final Caches caches = Caches.of(Library.lanes());

  /**
   * @param arithmetic of all products but those with a C of few columns, which are bound by memory
   *     and stay in float32
   */
  Product(Parallel parallel, Scratch[] scratch, Descriptions descriptions, Arithmetic arithmetic) {
    this.parallel = parallel;
    this.scratch = scratch;
    this.descriptions = descriptions;
    this.arithmetic = arithmetic;
  }

  /** The bytes outside the heap that a packed operand takes. */
  long scratchBytes() {
    return packed.bytes();
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
    if (thin && b instanceof Tensor strips) {
      Panels panels = new Panels(new Weights(a, descriptions), layout != Layout.TN);
      run(new Strips(strips, layout != Layout.NT), panels, new Target(c, true, alpha), beta, k);
    } else {
      Panels panels = new Panels(new Weights(b, descriptions), layout == Layout.NT);
      run(new Strips(a, layout == Layout.TN), panels, new Target(c, false, alpha), beta, k);
    }
  }

  private void run(Strips a, Panels b, Target c, float beta, int k) {
    int m = c.rows();
    int chunk = chunk(k);
    int threads = parallel.threads();
    boolean tall = TallPart.suits(threads, m, c.cols(), chunk, caches);
    Operands operands = new Operands(a, b, c, c.c().cols() <= THIN ? Arithmetic.F32 : arithmetic);
    int rows = tall ? m : part(m, (int) ((long) m * chunk / caches.packed) + 1, Library.tileRows());
    long lines = tall ? (long) ProductPart.panels(c.cols()) * ProductPart.WIDTH : rows;
    long parts = Math.max(lines * k / caches.packed, b.bytes() / STREAMED);
    int span = part(k, (int) parts + 1, chunk);
    for (int row = 0; row < m; row += rows) {
      int some = Math.min(rows, m - row);
      for (int p = 0; p < k; p += span) {
        int length = Math.min(span, k - p);
        boolean adds = beta != 0 || p > 0;
        ProductPart.Range range = new ProductPart.Range(adds, chunk, row, some, p, length);
        ProductPart part =
            tall
                ? new TallPart(operands, range, threads)
                : new WidePart(operands, range, threads, caches);
        part.run(parallel, scratch, packed);
        b.releaseDepth(p, length);
      }
    }
    b.release();
  }

  /** The length of the chunks in which {@code k} terms are added up: whole lines of memory. */
  int chunk(int k) {
    return part(k, Math.max(1, (k + caches.chunk - 1) / caches.chunk), LINE);
  }

  /** The size of one of {@code count} equal parts of {@code n}, a multiple of {@code unit}. */
  private static int part(int n, int count, int unit) {
    return ((n + count - 1) / count + unit - 1) / unit * unit;
  }

  /** What is multiplied, where to, and how. */
  record Operands(Strips a, Panels b, Target c, Arithmetic arithmetic) {}

  /**
   * The operand whose rows are packed to strips.
   *
   * @param byColumns whether the rows of the product are the columns of the tensor
   */
  record Strips(Tensor a, boolean byColumns) {}

  /**
   * The operand whose columns are packed to panels.
   *
   * @param transposed whether the columns of the product are the rows of the matrix
   */
  record Panels(Weights weights, boolean transposed) {
    /** The bytes that are read from a file, all rows of them for every chunk of K. */
    long bytes() {
      return transposed ? 0 : weights.bytes();
    }

    /** Tells the matrix that columns of the product have been packed for the last time. */
    void releaseColumns(int column, int count) {
      if (transposed) {
        weights.matrix().release(column, count);
      }
    }

    /** The same of {@code length} values of every column, from {@code p} on. */
    void releaseDepth(int p, int length) {
      if (!transposed) {
        weights.matrix().release(p, length);
      }
    }

    /** Tells the matrix that all of it has been packed. */
    void release() {
      weights.matrix().release(0, weights.matrix().rows());
    }
  }

  /**
   * Where the product goes.
   *
   * @param turned whether the product's columns are the rows of C
   */
  record Target(Tensor c, boolean turned, float alpha) {
    int rows() {
      return turned ? c.cols() : c.rows();
    }

    int cols() {
      return turned ? c.rows() : c.cols();
    }
  }
}
