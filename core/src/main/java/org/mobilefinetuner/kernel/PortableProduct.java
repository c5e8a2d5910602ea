package org.mobilefinetuner.kernel;

import java.util.Arrays;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Matrix products in plain Java: a panel of B is decoded into rows that lie in the first cache, and
 * every row of C gets its share of it.
 *
 * <p>The sum over the inner dimension is made in its order, in pieces that depend on its length
 * alone, so that neither threads nor the other rows change a bit.
 */
final class PortableProduct {
  /** Which of the operands is transposed: C = A·Bᵀ, C = A·B, C = Aᵀ·B. */
  enum Layout {
    NT,
    NN,
    TN
  }

  private static final int DEPTH =
      32; // of a panel, along the inner dimension: it fits the first cache
  private static final int WIDTH = 256; // of a panel, along the columns of C
  private static final int STRIP = 16; // rows of B that are turned at a time
  private static final int LEAST_ROWS = 128; // of C for which a panel is decoded anew

  /** What a thread works on: a panel, a row of C, and rows of B on their way into the panel. */
  private static final class Scratch {
    private final float[][] panel = new float[DEPTH][WIDTH];
    private final float[] row = new float[WIDTH];
    private final float[] strip = new float[STRIP * DEPTH];
  }

  /** One call. The inner dimension of TN is the rows of both operands. */
  private record Call(Layout layout, float alpha, Tensor a, Matrix b, boolean adds, Tensor c) {
    int rows() {
      return c.rows();
    }

    int columns() {
      return c.cols();
    }

    int depth() {
      return layout == Layout.TN ? a.rows() : a.cols();
    }
  }

  private final Parallel parallel;
  private final Scratch[] scratch;

  PortableProduct(Parallel parallel) {
    this.parallel = parallel;
    scratch = new Scratch[parallel.threads()];
  }

  void run(Layout layout, float alpha, Tensor a, Matrix b, float beta, Tensor c) {
    Call call = new Call(layout, alpha, a, b, beta != 0, c);
    int strips = (call.columns() + WIDTH - 1) / WIDTH;
    int rows = rowsOfTask(call.rows(), strips);
    int parts = (call.rows() + rows - 1) / rows;
    parallel.run(
        strips * parts,
        (task, thread) -> {
          int from = task % parts * rows;
          int to = Math.min(call.rows(), from + rows);
          block(call, from, to, task / parts * WIDTH, own(thread));
        });
    b.release(0, b.rows());
  }

  /** All rows, unless there are too few columns to keep all threads busy. */
  private int rowsOfTask(int rows, int strips) {
    int wanted = parallel.threads() == 1 ? 1 : 4 * parallel.threads();
    int parts = Math.max(1, Math.min((wanted + strips - 1) / strips, rows / LEAST_ROWS));
    return (rows + parts - 1) / parts;
  }

  private Scratch own(int thread) {
    if (scratch[thread] == null) {
      scratch[thread] = new Scratch();
    }
    return scratch[thread];
  }

  /** Rows {@code from} to {@code to} of C in the columns of one panel, beginning at {@code col}. */
  private static void block(Call call, int from, int to, int col, Scratch own) {
    int width = Math.min(WIDTH, call.columns() - col);
    Tensor c = call.c;
    int depth = call.depth();
    for (int start = 0; start < Math.max(1, depth); start += DEPTH) {
      int deep = Math.min(DEPTH, depth - start);
      pack(call, start, deep, col, width, own);
      boolean adds = call.adds || start > 0;
      for (int i = from; i < to; i++) {
        int at = c.offset() + i * c.cols() + col;
        if (adds) {
          System.arraycopy(c.data(), at, own.row, 0, width);
        } else {
          Arrays.fill(own.row, 0, width, 0);
        }
        addPanel(call, i, start, deep, width, own);
        System.arraycopy(own.row, 0, c.data(), at, width);
      }
    }
  }

  private static void addPanel(Call call, int i, int start, int deep, int width, Scratch own) {
    Tensor a = call.a;
    boolean turned = call.layout == Layout.TN;
    int stride = turned ? a.cols() : 1;
    int at = a.offset() + (turned ? start * stride + i : i * a.cols() + start);
    for (int p = 0; p < deep; p += RowSum.ROWS) {
      int count = Math.min(RowSum.ROWS, deep - p);
      RowSum.add(
          own.row, 0, width, own.panel, p, count, call.alpha, a.data(), at + p * stride, stride);
    }
  }

  /** Decodes a panel; what is missing to whole groups of rows becomes zeros. */
  private static void pack(Call call, int start, int deep, int col, int width, Scratch own) {
    if (call.layout == Layout.NT) {
      packTurned(call.b, start, deep, col, width, own);
    } else {
      for (int p = 0; p < deep; p++) {
        call.b.read(start + p, col, 1, width, own.panel[p], 0, width);
      }
    }
    for (int p = deep; p < RowSum.padded(deep); p++) {
      Arrays.fill(own.panel[p], 0, width, 0);
    }
  }

  private static void packTurned(Matrix b, int start, int deep, int row, int width, Scratch own) {
    for (int j = 0; j < width; j += STRIP) {
      int some = Math.min(STRIP, width - j);
      b.read(row + j, start, some, deep, own.strip, 0, DEPTH);
      for (int p = 0; p < deep; p++) {
        float[] to = own.panel[p];
        for (int r = 0, at = p; r < some; r++, at += DEPTH) {
          to[j + r] = own.strip[at];
        }
      }
    }
  }
}
