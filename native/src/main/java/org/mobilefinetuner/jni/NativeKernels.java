package org.mobilefinetuner.jni;

import org.mobilefinetuner.kernel.Activation;
import org.mobilefinetuner.kernel.AdamWStep;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.kernel.SoftmaxSums;
import org.mobilefinetuner.kernel.Split;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/**
 * The kernels in native code, with our threads.
 *
 * <p>One thread at a time may call it: the scratch is shared by all kernels.
 */
final class NativeKernels extends ScalarKernels {
  private static final long PACKED_BYTES = 5 << 20;
  private static final long THREAD_BYTES = 1 << 20;
  private static final int GATHERED = 128; // rows of a table that are read before it may let go

  private final Parallel parallel;
  private final Split split;
  private final Scratch[] scratch;
  private final Descriptions descriptions = new Descriptions();
  private final Product product;
  private final RowProduct rowProduct;
  private final Attention attention;
  private final String name;

  /**
   * @param arithmetic of large products; everything else is float32
   */
  NativeKernels(int threads, Arithmetic arithmetic) {
    name =
        (arithmetic == Arithmetic.BF16 ? "native-bf16-" : "native-") + Library.lanes() * Float.SIZE;
    parallel = new Parallel(threads);
    split = new Split(parallel);
    scratch = new Scratch[threads];
    for (int i = 0; i < threads; i++) {
      scratch[i] = new Scratch();
    }
    product = new Product(parallel, scratch, descriptions, arithmetic);
    rowProduct = new RowProduct(parallel, scratch, descriptions);
    attention = new Attention(parallel, scratch);
  }

  /** What {@link #scratchBytes} is at most: a packed operand, and panels or a head's attention. */
  static long offHeapBytes(int threads) {
    return PACKED_BYTES + threads * THREAD_BYTES;
  }

  /** The bytes of working memory outside the heap. */
  long scratchBytes() {
    long bytes = product.scratchBytes();
    for (Scratch own : scratch) {
      bytes += own.bytes();
    }
    return bytes;
  }

  @Override
  public String name() {
    return name;
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
    return product.chunk(terms);
  }

  @Override
  public void productTN(float alpha, Tensor a, Tensor b, float beta, Tensor c) {
    product.run(Product.Layout.TN, alpha, a, b, beta, c);
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
  public void axpy(float alpha, Tensor x, float beta, Tensor y) {
    split.elements(
        y.size(),
        (i, n) ->
            Library.axpy(alpha, x.data(), x.offset() + i, beta != 0, y.data(), y.offset() + i, n));
  }

  @Override
  public void add(Tensor a, float scale, Tensor b, Tensor y) {
    split.elements(
        y.size(),
        (i, n) ->
            Library.add(
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
    split.rows(
        y.rows(),
        d,
        (t, n) -> Library.addRow(row.data(), row.offset(), y.data(), y.offset() + t * d, n, d));
  }

  @Override
  public void sumRows(Tensor x, float beta, Tensor sum) {
    split.columns(
        x.rows() == 0 ? clear(beta, sum) : x.cols(),
        (from, to) ->
            Library.sumRows(
                x.data(),
                x.offset(),
                x.rows(),
                x.cols(),
                beta != 0,
                sum.data(),
                sum.offset(),
                from,
                to));
  }

  @Override
  public void scaleColumns(Tensor x, Tensor gain, float beta, Tensor y) {
    int d = x.cols();
    split.rows(
        x.rows(),
        d,
        (t, n) ->
            Library.scaleColumns(
                x.data(),
                x.offset() + t * d,
                gain.data(),
                gain.offset(),
                beta != 0,
                y.data(),
                y.offset() + t * d,
                n,
                d));
  }

  @Override
  public void sumProducts(Tensor a, Tensor b, float beta, Tensor sum) {
    split.columns(
        a.rows() == 0 ? clear(beta, sum) : a.cols(),
        (from, to) ->
            Library.sumProducts(
                a.data(),
                a.offset(),
                b.data(),
                b.offset(),
                a.rows(),
                a.cols(),
                beta != 0,
                sum.data(),
                sum.offset(),
                from,
                to));
  }

  @Override
  public double squaredNorm(Tensor x) {
    return split.sum(x.size(), (i, n) -> Library.squaredNorm(x.data(), x.offset() + i, n));
  }

  @Override
  public void gather(Matrix table, int[] ids, float scale, float beta, Tensor y) {
    Weights weights = new Weights(table, descriptions);
    if (weights.foreign()) {
      super.gather(table, ids, scale, beta, y);
      return;
    }
    int d = y.cols();
    for (int from = 0; from < ids.length; from += GATHERED) {
      int first = from;
      split.rows(
          Math.min(GATHERED, ids.length - from),
          d,
          (i, n, thread) -> {
            Scratch own = scratch[thread];
            int t = first + i;
            Weights.Part part = weights.part(0, 0, 0, 0, own);
            Library.gather(
                part.floats(),
                part.at(),
                weights.address(),
                ids,
                t,
                n,
                d,
                scale,
                beta != 0,
                y.data(),
                y.offset() + t * d,
                own.floats(d));
          });
      table.release(0, table.rows());
    }
  }

  @Override
  public void scatterAdd(Tensor x, int[] ids, float scale, Tensor table) {
    split.columns(
        x.cols(),
        (from, to) ->
            Library.scatterAdd(
                x.data(),
                x.offset(),
                ids,
                0,
                ids.length,
                x.cols(),
                scale,
                table.data(),
                table.offset(),
                from,
                to));
  }

  @Override
  public void layerNorm(
      Tensor x, Tensor gain, Tensor bias, float eps, Tensor y, Tensor mean, Tensor rstd) {
    int d = x.cols();
    split.rows(
        x.rows(),
        d,
        (t, n) ->
            Library.layerNorm(
                x.data(),
                x.offset() + t * d,
                gain.data(),
                gain.offset(),
                bias.data(),
                bias.offset(),
                eps,
                y.data(),
                y.offset() + t * d,
                mean.data(),
                mean.offset() + t,
                rstd.data(),
                rstd.offset() + t,
                n,
                d));
  }

  @Override
  public void layerNormBackward(
      Tensor dy, Tensor x, Tensor gain, Tensor mean, Tensor rstd, float beta, Tensor dx) {
    int d = x.cols();
    split.rows(
        x.rows(),
        d,
        (t, n) ->
            Library.layerNormBackward(
                dy.data(),
                dy.offset() + t * d,
                x.data(),
                x.offset() + t * d,
                gain.data(),
                gain.offset(),
                mean.data(),
                mean.offset() + t,
                rstd.data(),
                rstd.offset() + t,
                beta != 0,
                dx.data(),
                dx.offset() + t * d,
                n,
                d));
  }

  @Override
  public void layerNormGainGradient(
      Tensor dy, Tensor x, Tensor mean, Tensor rstd, float beta, Tensor dgain) {
    split.columns(
        x.rows() == 0 ? clear(beta, dgain) : x.cols(),
        (from, to) ->
            Library.layerNormGain(
                dy.data(),
                dy.offset(),
                x.data(),
                x.offset(),
                mean.data(),
                mean.offset(),
                rstd.data(),
                rstd.offset(),
                beta != 0,
                dgain.data(),
                dgain.offset(),
                x.rows(),
                x.cols(),
                from,
                to));
  }

  @Override
  public void rmsNorm(Tensor x, Tensor gain, float offset, float eps, Tensor y, Tensor rstd) {
    int d = gain.size();
    split.rows(
        x.size() / d,
        d,
        (t, n) ->
            Library.rmsNorm(
                x.data(),
                x.offset() + t * d,
                gain.data(),
                gain.offset(),
                offset,
                eps,
                y.data(),
                y.offset() + t * d,
                rstd.data(),
                rstd.offset() + t,
                n,
                d));
  }

  @Override
  public void rmsNormBackward(
      Tensor dy, Tensor x, Tensor gain, float offset, Tensor rstd, float beta, Tensor dx) {
    int d = gain.size();
    split.rows(
        x.size() / d,
        d,
        (t, n) ->
            Library.rmsNormBackward(
                dy.data(),
                dy.offset() + t * d,
                x.data(),
                x.offset() + t * d,
                gain.data(),
                gain.offset(),
                offset,
                rstd.data(),
                rstd.offset() + t,
                beta != 0,
                dx.data(),
                dx.offset() + t * d,
                n,
                d));
  }

  @Override
  public void rmsNormGainGradient(Tensor dy, Tensor x, Tensor rstd, float beta, Tensor dgain) {
    int d = dgain.size();
    int rows = x.size() / d;
    split.columns(
        rows == 0 ? clear(beta, dgain) : d,
        (from, to) ->
            Library.rmsNormGain(
                dy.data(),
                dy.offset(),
                x.data(),
                x.offset(),
                rstd.data(),
                rstd.offset(),
                beta != 0,
                dgain.data(),
                dgain.offset(),
                rows,
                d,
                from,
                to));
  }

  @Override
  public void rotate(
      Tensor x, int[] positions, Tensor cos, Tensor sin, boolean back, float beta, Tensor y) {
    int d = x.cols();
    split.rows(
        x.rows(),
        d,
        (t, n) ->
            Library.rotate(
                x.data(),
                x.offset() + t * d,
                positions,
                t,
                cos.data(),
                cos.offset(),
                sin.data(),
                sin.offset(),
                back,
                beta != 0,
                y.data(),
                y.offset() + t * d,
                n,
                d,
                cos.cols()));
  }

  @Override
  public void glu(Activation activation, Tensor gate, Tensor up, float beta, Tensor y) {
    split.elements(
        y.size(),
        (i, n) ->
            Library.glu(
                activation == Activation.SILU,
                gate.data(),
                gate.offset() + i,
                up.data(),
                up.offset() + i,
                beta != 0,
                y.data(),
                y.offset() + i,
                n));
  }

  @Override
  public void gluBackward(
      Activation activation, Tensor dy, Tensor gate, Tensor up, float beta, Tensor dgate) {
    split.elements(
        dgate.size(),
        (i, n) ->
            Library.gluBackward(
                activation == Activation.SILU,
                dy.data(),
                dy.offset() + i,
                gate.data(),
                gate.offset() + i,
                up.data(),
                up.offset() + i,
                beta != 0,
                dgate.data(),
                dgate.offset() + i,
                n));
  }

  @Override
  public void gelu(Tensor x, Tensor y) {
    split.elements(
        x.size(), (i, n) -> Library.gelu(x.data(), x.offset() + i, y.data(), y.offset() + i, n));
  }

  @Override
  public void geluBackward(Tensor dy, Tensor x, float beta, Tensor dx) {
    split.elements(
        x.size(),
        (i, n) ->
            Library.geluBackward(
                dy.data(),
                dy.offset() + i,
                x.data(),
                x.offset() + i,
                beta != 0,
                dx.data(),
                dx.offset() + i,
                n));
  }

  @Override
  public void dropout(float rate, long key, long[] tokenKeys, Tensor x, float beta, Tensor y) {
    int d = x.cols();
    split.rows(
        x.rows(),
        d,
        (t, n) ->
            Library.dropout(
                rate,
                key,
                tokenKeys,
                t,
                x.data(),
                x.offset() + t * d,
                beta != 0,
                y.data(),
                y.offset() + t * d,
                n,
                d));
  }

  @Override
  public void softmaxSums(Tensor logits, int column, int[] targets, SoftmaxSums sums) {
    int n = logits.cols();
    split.rows(
        logits.rows(),
        n,
        (from, count) -> {
          for (int r = from; r < from + count; r++) {
            int at = logits.offset() + r * n;
            CrossEntropy.add(logits.data(), at, n, targets[r] - column, r, sums);
          }
        });
  }

  @Override
  public void softmaxGradient(
      Tensor logits, int column, int[] targets, float scale, SoftmaxSums sums) {
    int n = logits.cols();
    split.rows(
        logits.rows(),
        n,
        (from, count) -> {
          for (int r = from; r < from + count; r++) {
            int at = logits.offset() + r * n;
            CrossEntropy.gradient(logits.data(), at, n, targets[r] - column, scale, r, sums);
          }
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
  public void adamW(AdamWStep s, Tensor p, Tensor g, Tensor m, Tensor v) {
    split.elements(
        p.size(),
        (i, n) ->
            Library.adamW(
                s.rate(),
                s.beta1(),
                s.beta2(),
                s.eps(),
                s.decay(),
                s.gradientScale(),
                s.correction1(),
                s.correction2(),
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

  /** The sum of no rows: returns that no columns are left to be summed. */
  private static int clear(float beta, Tensor sum) {
    if (beta == 0) {
      sum.fill(0);
    }
    return 0;
  }
}
