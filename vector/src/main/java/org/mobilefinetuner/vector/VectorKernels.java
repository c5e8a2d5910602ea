package org.mobilefinetuner.vector;

import org.mobilefinetuner.kernel.Activation;
import org.mobilefinetuner.kernel.AdamWStep;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.kernel.SoftmaxSums;
import org.mobilefinetuner.kernel.Split;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/**
 * The kernels with vectors and threads.
 *
 * <p>One thread at a time may call it: the scratch is shared by all kernels.
 */
final class VectorKernels extends ScalarKernels {
  private static final int GATHERED =
      8; // rows of a table before it may let go: each may bring a page of 2 MiB

  private final Parallel parallel;
  private final Split split;
  private final Scratch[] scratch;
  private final Product product;
  private final RowProduct rowProduct;
  private final Attention attention;

  VectorKernels(int threads) {
    parallel = new Parallel(threads);
    split = new Split(parallel);
    scratch = new Scratch[threads];
    for (int i = 0; i < threads; i++) {
      scratch[i] = new Scratch();
    }
    product = new Product(parallel, scratch);
    rowProduct = new RowProduct(parallel, scratch);
    attention = new Attention(parallel, scratch);
  }

  @Override
  public String name() {
    return "vector-" + Lanes.L * Float.SIZE;
  }

  @Override
  public int threads() {
    return parallel.threads();
  }

  @Override
  public void close() {
    parallel.close();
  }

  @Override
  public void productNT(float alpha, Tensor a, Matrix b, float beta, Tensor c) {
    product.run(Product.Layout.NT, alpha, a, b, beta, c);
  }

  @Override
  public void productNN(float alpha, Tensor a, Matrix b, float beta, Tensor c) {
    product.run(Product.Layout.NN, alpha, a, b, beta, c);
  }

  @Override
  public int piece(int terms) {
    return Product.chunk(terms);
  }

  @Override
  public void rowNT(Tensor x, Matrix b, Tensor y) {
    rowProduct.transposed(x, b, y);
  }

  @Override
  public void rowNN(Tensor x, Matrix b, Tensor y) {
    rowProduct.straight(x, b, y);
  }

  @Override
  public void productTN(float alpha, Tensor a, Tensor b, float beta, Tensor c) {
    product.run(Product.Layout.TN, alpha, a, b, beta, c);
  }

  @Override
  public void axpy(float alpha, Tensor x, float beta, Tensor y) {
    blocks(
        y.size(),
        (i, n, own) ->
            Elements.axpy(alpha, x.data(), x.offset() + i, beta != 0, y.data(), y.offset() + i, n));
  }

  @Override
  public void add(Tensor a, float scale, Tensor b, Tensor y) {
    blocks(
        y.size(),
        (i, n, own) ->
            Elements.add(
                a.data(),
                a.offset() + i,
                scale,
                b.data(),
                b.offset() + i,
                y.data(),
                y.offset() + i,
                n));
  }

  @Override
  public void addRow(Tensor row, Tensor y) {
    int d = y.cols();
    rows(
        y.rows(),
        d,
        (t, own) ->
            Elements.axpy(1, row.data(), row.offset(), true, y.data(), y.offset() + t * d, d));
  }

  @Override
  public void sumRows(Tensor x, float beta, Tensor sum) {
    int d = x.cols();
    split.columns(
        d,
        (from, to) -> {
          for (int t = 0; t < x.rows(); t++) {
            Elements.axpy(
                1,
                x.data(),
                x.offset() + t * d + from,
                beta != 0 || t > 0,
                sum.data(),
                sum.offset() + from,
                to - from);
          }
        });
  }

  @Override
  public void scaleColumns(Tensor x, Tensor gain, float beta, Tensor y) {
    int d = x.cols();
    rows(
        x.rows(),
        d,
        (t, own) ->
            Elements.products(
                x.data(),
                x.offset() + t * d,
                gain.data(),
                gain.offset(),
                beta != 0,
                y.data(),
                y.offset() + t * d,
                d));
  }

  @Override
  public void sumProducts(Tensor a, Tensor b, float beta, Tensor sum) {
    int d = a.cols();
    split.columns(
        d,
        (from, to) -> {
          for (int t = 0; t < a.rows(); t++) {
            Elements.products(
                a.data(),
                a.offset() + t * d + from,
                b.data(),
                b.offset() + t * d + from,
                beta != 0 || t > 0,
                sum.data(),
                sum.offset() + from,
                to - from);
          }
        });
  }

  @Override
  public double squaredNorm(Tensor x) {
    return split.sum(x.size(), (i, n) -> Elements.squares(x.data(), x.offset() + i, n));
  }

  @Override
  public void gather(Matrix table, int[] ids, float scale, float beta, Tensor y) {
    int d = y.cols();
    Rectangles decoded = new Rectangles(table);
    for (int from = 0; from < ids.length; from += GATHERED) {
      int first = from;
      rows(
          Math.min(GATHERED, ids.length - from),
          d,
          (i, own) -> {
            int t = first + i;
            float[] row = own.floats(Scratch.ROW, d);
            decoded.read(ids[t], 0, 1, d, row, 0, d);
            Elements.axpy(scale, row, 0, beta != 0, y.data(), y.offset() + t * d, d);
          });
      table.release(0, table.rows());
    }
  }

  @Override
  public void scatterAdd(Tensor x, int[] ids, float scale, Tensor table) {
    int d = x.cols();
    split.columns(
        d,
        (from, to) -> {
          for (int t = 0; t < ids.length; t++) {
            Elements.axpy(
                scale,
                x.data(),
                x.offset() + t * d + from,
                true,
                table.data(),
                table.offset() + ids[t] * d + from,
                to - from);
          }
        });
  }

  @Override
  public void layerNorm(
      Tensor x, Tensor gain, Tensor bias, float eps, Tensor y, Tensor mean, Tensor rstd) {
    rows(
        x.rows(),
        x.cols(),
        (t, own) -> LayerNorm.forward(x, gain, bias, eps, y, mean, rstd, t, own));
  }

  @Override
  public void layerNormBackward(
      Tensor dy, Tensor x, Tensor gain, Tensor mean, Tensor rstd, float beta, Tensor dx) {
    rows(
        x.rows(),
        x.cols(),
        (t, own) -> LayerNorm.backward(dy, x, gain, mean, rstd, beta != 0, dx, t, own));
  }

  @Override
  public void layerNormGainGradient(
      Tensor dy, Tensor x, Tensor mean, Tensor rstd, float beta, Tensor dgain) {
    split.columns(
        x.cols(),
        (from, to) -> LayerNorm.gainGradient(dy, x, mean, rstd, beta != 0, dgain, from, to));
  }

  @Override
  public void rmsNorm(Tensor x, Tensor gain, float offset, float eps, Tensor y, Tensor rstd) {
    int d = gain.size();
    rows(
        x.size() / d,
        d,
        (g, own) ->
            rstd.data()[rstd.offset() + g] =
                RmsNorm.forward(
                    x.data(),
                    x.offset() + g * d,
                    gain.data(),
                    gain.offset(),
                    offset,
                    eps,
                    y.data(),
                    y.offset() + g * d,
                    d,
                    own.lanes));
  }

  @Override
  public void rmsNormBackward(
      Tensor dy, Tensor x, Tensor gain, float offset, Tensor rstd, float beta, Tensor dx) {
    int d = gain.size();
    rows(
        x.size() / d,
        d,
        (g, own) ->
            RmsNorm.backward(
                dy.data(),
                dy.offset() + g * d,
                x.data(),
                x.offset() + g * d,
                gain.data(),
                gain.offset(),
                offset,
                rstd.data()[rstd.offset() + g],
                beta != 0,
                dx.data(),
                dx.offset() + g * d,
                d,
                own.lanes));
  }

  @Override
  public void rmsNormGainGradient(Tensor dy, Tensor x, Tensor rstd, float beta, Tensor dgain) {
    if (beta == 0) {
      dgain.fill(0);
    }
    split.columns(
        dgain.size(),
        (from, to) ->
            RmsNorm.gainGradient(
                dy.data(),
                dy.offset(),
                x.data(),
                x.offset(),
                rstd.data(),
                rstd.offset(),
                x.size() / dgain.size(),
                dgain.size(),
                dgain.data(),
                dgain.offset(),
                from,
                to));
  }

  @Override
  public void rotate(
      Tensor x, int[] positions, Tensor cos, Tensor sin, boolean back, float beta, Tensor y) {
    int half = cos.cols();
    rows(
        x.rows(),
        x.cols(),
        (t, own) -> {
          int angle = positions[t] * half;
          for (int at = t * x.cols(); at < (t + 1) * x.cols(); at += 2 * half) {
            Rotation.head(
                x.data(),
                x.offset() + at,
                cos.data(),
                cos.offset() + angle,
                sin.data(),
                sin.offset() + angle,
                back ? -1 : 1,
                beta != 0,
                y.data(),
                y.offset() + at,
                half);
          }
        });
  }

  @Override
  public void glu(Activation activation, Tensor gate, Tensor up, float beta, Tensor y) {
    blocks(
        y.size(),
        (i, n, own) ->
            Glu.forward(
                activation,
                gate.data(),
                gate.offset() + i,
                up.data(),
                up.offset() + i,
                beta != 0,
                y.data(),
                y.offset() + i,
                n,
                own.lanes));
  }

  @Override
  public void gluBackward(
      Activation activation, Tensor dy, Tensor gate, Tensor up, float beta, Tensor dgate) {
    blocks(
        dgate.size(),
        (i, n, own) ->
            Glu.backward(
                activation,
                dy.data(),
                dy.offset() + i,
                gate.data(),
                gate.offset() + i,
                up.data(),
                up.offset() + i,
                beta != 0,
                dgate.data(),
                dgate.offset() + i,
                n,
                own.lanes));
  }

  @Override
  public void gelu(Tensor x, Tensor y) {
    blocks(
        x.size(),
        (i, n, own) -> Gelu.forward(x.data(), x.offset() + i, y.data(), y.offset() + i, n, own));
  }

  @Override
  public void biasGelu(Tensor bias, Tensor x, Tensor y) {
    int d = x.cols();
    rows(
        x.rows(),
        d,
        (t, own) -> {
          int at = x.offset() + t * d;
          Elements.axpy(1, bias.data(), bias.offset(), true, x.data(), at, d);
          Gelu.forward(x.data(), at, y.data(), y.offset() + t * d, d, own);
        });
  }

  @Override
  public void geluBackward(Tensor dy, Tensor x, float beta, Tensor dx) {
    blocks(
        x.size(),
        (i, n, own) ->
            Gelu.backward(
                dy.data(),
                dy.offset() + i,
                x.data(),
                x.offset() + i,
                beta != 0,
                dx.data(),
                dx.offset() + i,
                n,
                own));
  }

  @Override
  public void dropout(float rate, long key, long[] tokenKeys, Tensor x, float beta, Tensor y) {
    int d = x.cols();
    float scale = 1 / (1 - rate);
    rows(
        x.rows(),
        d,
        (t, own) -> {
          for (int i = 0, at = t * d; i < d; i++, at++) {
            boolean kept = Draws.keeps(key, tokenKeys[t], i, rate);
            float value = kept ? x.data()[x.offset() + at] * scale : 0f;
            y.data()[y.offset() + at] = beta == 0 ? value : y.data()[y.offset() + at] + value;
          }
        });
  }

  @Override
  public void softmaxSums(Tensor logits, int column, int[] targets, SoftmaxSums sums) {
    int n = logits.cols();
    rows(
        logits.rows(),
        n,
        (r, own) -> {
          int at = logits.offset() + r * n;
          CrossEntropy.add(logits.data(), at, n, targets[r] - column, r, sums, own.lanes);
        });
  }

  @Override
  public void softmaxGradient(
      Tensor logits, int column, int[] targets, float scale, SoftmaxSums sums) {
    int n = logits.cols();
    rows(
        logits.rows(),
        n,
        (r, own) -> {
          int at = logits.offset() + r * n;
          int target = targets[r] - column;
          CrossEntropy.gradient(logits.data(), at, n, target, scale, r, sums, own.lanes);
        });
  }

  @Override
  public void attention(
      AttentionShape shape, int[] starts, Window q, Window k, Window v, Tensor y, Tensor lse) {
    attention.forward(shape, starts, q, k, v, y, lse);
  }

  @Override
  public void attentionBackward(
      AttentionShape shape,
      int[] starts,
      Window q,
      Window k,
      Window v,
      Tensor y,
      Tensor lse,
      Tensor dy,
      float beta,
      Window dq,
      Window dk,
      Window dv) {
    attention.backward(shape, starts, q, k, v, y, lse, dy, beta != 0, dq, dk, dv);
  }

  @Override
  public void attentionOver(
      AttentionShape shape, int past, Window q, Tensor keys, Tensor values, Tensor y) {
    attention.over(shape, past, q, keys, values, y);
  }

  @Override
  public void adamW(AdamWStep step, Tensor p, Tensor g, Tensor m, Tensor v) {
    blocks(
        p.size(),
        (i, n, own) ->
            Elements.adamW(
                step,
                p.data(),
                p.offset() + i,
                g.data(),
                g.offset() + i,
                m.data(),
                m.offset() + i,
                v.data(),
                v.offset() + i,
                n));
  }

  @FunctionalInterface
  private interface BlockTask {
    void run(int from, int count, Scratch own);
  }

  @FunctionalInterface
  private interface RowTask {
    void run(int row, Scratch own);
  }

  private void blocks(int size, BlockTask task) {
    split.elements(size, (from, count, thread) -> task.run(from, count, scratch[thread]));
  }

  private void rows(int rows, int cols, RowTask task) {
    split.rows(
        rows,
        cols,
        (from, count, thread) -> {
          for (int row = from; row < from + count; row++) {
            task.run(row, scratch[thread]);
          }
        });
  }
}
