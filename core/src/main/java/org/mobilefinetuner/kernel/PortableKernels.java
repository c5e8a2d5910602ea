package org.mobilefinetuner.kernel;

import java.util.Arrays;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/**
 * The kernels in plain Java with threads: for Android, and wherever the Vector API is not.
 *
 * <p>Products and attention are loops that compilers turn into vector instructions; what else a
 * step spends time on is the specification's loop on a part of the rows or elements. One thread at
 * a time may call it.
 */
public final class PortableKernels extends ScalarKernels {
  private static final int PIECE = 32 * RowSum.ROWS; // any multiple of what is added in one pass

  private final Parallel parallel;
  private final Split split;
  private final PortableProduct product;
  private final PortableAttention attention;

  public PortableKernels(int threads) {
    parallel = new Parallel(threads);
    split = new Split(parallel);
    product = new PortableProduct(parallel);
    attention = new PortableAttention(parallel);
  }

  @Override
  public String name() {
    return "portable";
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
    product.run(PortableProduct.Layout.NT, alpha, a, b, beta, c);
  }

  @Override
  public void productNN(float alpha, Tensor a, Matrix b, float beta, Tensor c) {
    product.run(PortableProduct.Layout.NN, alpha, a, b, beta, c);
  }

  @Override
  public void productTN(float alpha, Tensor a, Tensor b, float beta, Tensor c) {
    product.run(PortableProduct.Layout.TN, alpha, a, b, beta, c);
  }

  @Override
  public int piece(int terms) {
    return PIECE;
  }

  @Override
  public void rowNT(Tensor x, Matrix b, Tensor y) {
    int k = b.cols();
    split.rows(
        b.rows(),
        k,
        (from, count) -> {
          float[] row = new float[k];
          for (int i = from; i < from + count; i++) {
            b.read(i, 0, 1, k, row, 0, k);
            y.data()[y.offset() + i] = dot(x.data(), x.offset(), row, k);
          }
        });
    b.release(0, b.rows());
  }

  /** Eight sums at a time: one alone would wait for each of its additions. */
  private static float dot(float[] x, int at, float[] row, int n) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = 0;
    for (; i <= n - 8; i += 8) {
      s0 += x[at + i] * row[i];
      s1 += x[at + i + 1] * row[i + 1];
      s2 += x[at + i + 2] * row[i + 2];
      s3 += x[at + i + 3] * row[i + 3];
      s4 += x[at + i + 4] * row[i + 4];
      s5 += x[at + i + 5] * row[i + 5];
      s6 += x[at + i + 6] * row[i + 6];
      s7 += x[at + i + 7] * row[i + 7];
    }
    for (; i < n; i++) {
      s0 += x[at + i] * row[i];
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }

  @Override
  public void axpy(float alpha, Tensor x, float beta, Tensor y) {
    split.elements(
        y.size(), (from, n) -> super.axpy(alpha, part(x, from, n), beta, part(y, from, n)));
  }

  @Override
  public void add(Tensor a, float scale, Tensor b, Tensor y) {
    split.elements(
        y.size(),
        (from, n) -> super.add(part(a, from, n), scale, part(b, from, n), part(y, from, n)));
  }

  @Override
  public void addRow(Tensor row, Tensor y) {
    split.rows(y.rows(), y.cols(), (from, n) -> super.addRow(row, y.rows(from, n)));
  }

  @Override
  public double squaredNorm(Tensor x) {
    return split.sum(x.size(), (from, n) -> super.squaredNorm(part(x, from, n)));
  }

  @Override
  public void layerNorm(
      Tensor x, Tensor gain, Tensor bias, float eps, Tensor y, Tensor mean, Tensor rstd) {
    split.rows(
        x.rows(),
        x.cols(),
        (from, n) ->
            super.layerNorm(
                x.rows(from, n),
                gain,
                bias,
                eps,
                y.rows(from, n),
                part(mean, from, n),
                part(rstd, from, n)));
  }

  @Override
  public void layerNormBackward(
      Tensor dy, Tensor x, Tensor gain, Tensor mean, Tensor rstd, float beta, Tensor dx) {
    split.rows(
        x.rows(),
        x.cols(),
        (from, n) ->
            super.layerNormBackward(
                dy.rows(from, n),
                x.rows(from, n),
                gain,
                part(mean, from, n),
                part(rstd, from, n),
                beta,
                dx.rows(from, n)));
  }

  @Override
  public void rmsNorm(Tensor x, Tensor gain, float offset, float eps, Tensor y, Tensor rstd) {
    int d = gain.size();
    split.rows(
        x.size() / d,
        d,
        (from, n) ->
            super.rmsNorm(
                part(x, from * d, n * d),
                gain,
                offset,
                eps,
                part(y, from * d, n * d),
                part(rstd, from, n)));
  }

  @Override
  public void rmsNormBackward(
      Tensor dy, Tensor x, Tensor gain, float offset, Tensor rstd, float beta, Tensor dx) {
    int d = gain.size();
    split.rows(
        x.size() / d,
        d,
        (from, n) ->
            super.rmsNormBackward(
                part(dy, from * d, n * d),
                part(x, from * d, n * d),
                gain,
                offset,
                part(rstd, from, n),
                beta,
                part(dx, from * d, n * d)));
  }

  @Override
  public void rotate(
      Tensor x, int[] positions, Tensor cos, Tensor sin, boolean back, float beta, Tensor y) {
    split.rows(
        x.rows(),
        x.cols(),
        (from, n) ->
            super.rotate(
                x.rows(from, n),
                Arrays.copyOfRange(positions, from, from + n),
                cos,
                sin,
                back,
                beta,
                y.rows(from, n)));
  }

  @Override
  public void glu(Activation activation, Tensor gate, Tensor up, float beta, Tensor y) {
    split.elements(
        y.size(),
        (from, n) ->
            Activations.glu(
                activation, part(gate, from, n), part(up, from, n), beta, part(y, from, n)));
  }

  @Override
  public void gluBackward(
      Activation activation, Tensor dy, Tensor gate, Tensor up, float beta, Tensor dgate) {
    split.elements(
        dgate.size(),
        (from, n) ->
            Activations.gluBackward(
                activation,
                part(dy, from, n),
                part(gate, from, n),
                part(up, from, n),
                beta,
                part(dgate, from, n)));
  }

  @Override
  public void gelu(Tensor x, Tensor y) {
    split.elements(y.size(), (from, n) -> Activations.gelu(part(x, from, n), part(y, from, n)));
  }

  @Override
  public void geluBackward(Tensor dy, Tensor x, float beta, Tensor dx) {
    split.elements(
        dx.size(),
        (from, n) ->
            Activations.geluBackward(part(dy, from, n), part(x, from, n), beta, part(dx, from, n)));
  }

  @Override
  public void dropout(float rate, long key, long[] tokenKeys, Tensor x, float beta, Tensor y) {
    split.rows(
        x.rows(),
        x.cols(),
        (from, n) ->
            super.dropout(
                rate,
                key,
                Arrays.copyOfRange(tokenKeys, from, from + n),
                x.rows(from, n),
                beta,
                y.rows(from, n)));
  }

  @Override
  public void softmaxSums(Tensor logits, int column, int[] targets, SoftmaxSums sums) {
    eachRow(
        logits,
        (r, at) ->
            Activations.softmaxSums(
                logits.data(), at, logits.cols(), targets[r] - column, r, sums));
  }

  @Override
  public void softmaxGradient(
      Tensor logits, int column, int[] targets, float scale, SoftmaxSums sums) {
    eachRow(
        logits,
        (r, at) ->
            Activations.softmaxGradient(
                logits.data(), at, logits.cols(), targets[r] - column, scale, r, sums));
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
    attention.backward(shape, starts, q, k, v, y, lse, dy, beta, dq, dk, dv);
  }

  @Override
  public void attentionOver(
      AttentionShape shape, int past, Window q, Tensor keys, Tensor values, Tensor y) {
    attention.over(shape, past, q, keys, values, y);
  }

  @Override
  public void adamW(AdamWStep step, Tensor p, Tensor g, Tensor m, Tensor v) {
    split.elements(
        p.size(),
        (from, n) ->
            super.adamW(
                step, part(p, from, n), part(g, from, n), part(m, from, n), part(v, from, n)));
  }

  private static Tensor part(Tensor x, int from, int count) {
    return Tensor.wrap(x.data(), x.offset() + from, count);
  }

  /** A row and where it begins. */
  @FunctionalInterface
  private interface RowTask {
    void run(int row, int at);
  }

  private void eachRow(Tensor x, RowTask task) {
    split.rows(
        x.rows(),
        x.cols(),
        (from, count) -> {
          for (int r = from; r < from + count; r++) {
            task.run(r, x.offset() + r * x.cols());
          }
        });
  }
}
