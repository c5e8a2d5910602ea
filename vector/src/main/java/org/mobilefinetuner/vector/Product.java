package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.L;
import static org.mobilefinetuner.vector.Pack.roundUp;

import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Matrix products: C = beta·C + alpha·op(A)·op(B), packed and blocked.
 *
 * <p>The scheme is that of BLIS (Van Zee, van de Geijn: BLIS, a framework for rapidly instantiating
 * BLAS functionality, 2015) with one change: a tile of C is two or three vectors wide and only a
 * few rows high, so that a strip of A fits the first cache better than a panel of B. Therefore all
 * of A is packed first, by all threads; then each thread takes a block of columns, packs its part
 * of B into its second cache, and lets A stream past.
 *
 * <p>A thin C, as of LoRA, is computed as its transpose: only the smaller operand is then packed as
 * a whole.
 *
 * <p>The bits of an element of C are a function of its row of A, its column of B and K: chunks of K
 * depend on K alone, and each is summed in order by {@link MicroKernel}. Threads, blocks, edges and
 * the number of rows do not matter.
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

  /** Groups of four rows, and vectors, of a tile of C: as many as the registers hold. */
  static final int GROUPS = L == 16 ? 3 : L == 8 ? 1 : 2;

  static final int VECTORS = L == 16 ? 2 : 3;

  /** Columns of a panel. */
  static final int WIDTH = VECTORS * L;

  private static final int CHUNK =
      Kernels.LONGEST_PIECE; // of K: a strip of 12 rows takes 36 KiB, a panel 96 KiB
  private static final int THIN = 48; // columns of C at which B is packed rather than A
  private static final int PACKED_A = 1 << 20; // floats: 4 MiB, a part of the third cache

  private static final int STREAMED = 1 << 24; // bytes of a B in a file that are read at a time

  private final Parallel parallel;
  private final Scratch[] scratch;
  private float[] packedA = new float[0];

  Product(Parallel parallel, Scratch[] scratch) {
    this.parallel = parallel;
    this.scratch = scratch;
  }

  void run(Layout layout, float alpha, Tensor a, Matrix b, float beta, Tensor c) {
    int k = layout == Layout.TN ? a.rows() : a.cols();
    if (k == 0 && beta == 0) {
      c.fill(0);
    }
    if (k == 0 || c.size() == 0) {
      return;
    }
    if (c.cols() <= THIN && c.rows() >= 4 * c.cols() && b instanceof Tensor thin) {
      Panels panels = new Panels(a, layout != Layout.TN, WIDTH);
      Strips strips = new Strips(thin, layout != Layout.NT);
      run(strips, panels, new Target(c, true, alpha), beta != 0, k);
    } else {
      Panels panels = new Panels(b, layout == Layout.NT, WIDTH);
      Strips strips = new Strips(a, layout == Layout.TN);
      run(strips, panels, new Target(c, false, alpha), beta != 0, k);
    }
  }

  private void run(Strips a, Panels b, Target c, boolean add, int k) {
    int m = c.rows();
    int chunk = chunk(k);
    int rows = part(m, (int) ((long) m * chunk / PACKED_A) + 1, 4 * GROUPS);
    long parts = Math.max((long) rows * k / PACKED_A, b.bytes() / STREAMED);
    int span = part(k, (int) parts + 1, chunk);
    for (int row = 0; row < m; row += rows) {
      int some = Math.min(rows, m - row);
      for (int p = 0; p < k; p += span) {
        int length = Math.min(span, k - p);
        ProductPart part = new ProductPart(a, b, c, add || p > 0, chunk, row, some, p, length);
        packedA = part.run(parallel, scratch, packedA);
        b.releaseDepth(p, length);
      }
    }
    b.release();
  }

  /** The length of the chunks in which {@code k} terms are added up. */
  static int chunk(int k) {
    return part(k, Math.max(1, (k + CHUNK - 1) / CHUNK), Pack.STEP);
  }

  /** The size of one of {@code count} equal parts of {@code n}, a multiple of {@code unit}. */
  private static int part(int n, int count, int unit) {
    return roundUp((n + count - 1) / count, unit);
  }
}
