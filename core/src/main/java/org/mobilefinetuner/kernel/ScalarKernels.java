package org.mobilefinetuner.kernel;

import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/**
 * The specification: plain loops on one thread, no tricks. Every other backend is tested against it
 * and inherits what it cannot do better.
 *
 * <p>It is one file because it is one thing: the meaning of each kernel, to be read side by side.
 */
public class ScalarKernels implements Kernels {
  private static final float GELU_A = 0.7978845608f; // √(2/π)
  private static final float GELU_B = 0.044715f;
  private static final double ROUNDING = 0x1p-23; // of a float32

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public int threads() {
    return 1;
  }

  @Override
  public void productNT(float alpha, Tensor a, Matrix b, float beta, Tensor c) {
    int m = a.rows();
    int k = a.cols();
    int n = b.rows();
    float[] row = new float[k];
    for (int j = 0; j < n; j++) {
      b.read(j, 0, 1, k, row, 0, k);
      for (int i = 0; i < m; i++) {
        int at = c.offset() + i * n + j;
        float sum = alpha * dot(a.data(), a.offset() + i * k, row, 0, k);
        c.data()[at] = beta == 0 ? sum : c.data()[at] + sum;
      }
    }
  }

  @Override
  public void productNN(float alpha, Tensor a, Matrix b, float beta, Tensor c) {
    int m = a.rows();
    int k = a.cols();
    int n = b.cols();
    if (beta == 0) {
      c.fill(0);
    }
    float[] row = new float[n];
    for (int p = 0; p < k; p++) {
      b.read(p, 0, 1, n, row, 0, n);
      for (int i = 0; i < m; i++) {
        addScaled(
            alpha * a.data()[a.offset() + i * k + p], row, 0, c.data(), c.offset() + i * n, n);
      }
    }
  }

  @Override
  public int piece(int terms) {
    return 1;
  }

  @Override
  public void rowNT(Tensor x, Matrix b, Tensor y) {
    productNT(1, x, b, 0, y);
  }

  @Override
  public void rowNN(Tensor x, Matrix b, Tensor y) {
    productNN(1, x, b, 0, y);
  }

  @Override
  public void productTN(float alpha, Tensor a, Tensor b, float beta, Tensor c) {
    int n = a.cols();
    int k = b.cols();
    if (beta == 0) {
      c.fill(0);
    }
    for (int t = 0; t < a.rows(); t++) {
      for (int j = 0; j < n; j++) {
        addScaled(
            alpha * a.data()[a.offset() + t * n + j],
            b.data(),
            b.offset() + t * k,
            c.data(),
            c.offset() + j * k,
            k);
      }
    }
  }

  @Override
  public void axpy(float alpha, Tensor x, float beta, Tensor y) {
    float[] xs = x.data();
    float[] ys = y.data();
    for (int i = 0, xo = x.offset(), yo = y.offset(); i < x.size(); i++) {
      ys[yo + i] = put(beta, ys[yo + i], alpha * xs[xo + i]);
    }
  }

  @Override
  public void add(Tensor a, float scale, Tensor b, Tensor y) {
    for (int i = 0; i < y.size(); i++) {
      y.data()[y.offset() + i] = a.data()[a.offset() + i] + scale * b.data()[b.offset() + i];
    }
  }

  @Override
  public void addRow(Tensor row, Tensor y) {
    for (int t = 0; t < y.rows(); t++) {
      addScaled(1, row.data(), row.offset(), y.data(), y.offset() + t * y.cols(), y.cols());
    }
  }

  @Override
  public void sumRows(Tensor x, float beta, Tensor sum) {
    if (beta == 0) {
      sum.fill(0);
    }
    for (int t = 0; t < x.rows(); t++) {
      addScaled(1, x.data(), x.offset() + t * x.cols(), sum.data(), sum.offset(), x.cols());
    }
  }

  @Override
  public void divide(Tensor a, Tensor b, float beta, Tensor y) {
    for (int i = 0, at = y.offset(); i < y.size(); i++) {
      float ratio = a.data()[a.offset() + i] / b.data()[b.offset() + i];
      y.data()[at + i] = put(beta, y.data()[at + i], ratio);
    }
  }

  @Override
  public void scaleColumns(Tensor x, Tensor gain, float beta, Tensor y) {
    int n = x.cols();
    for (int i = 0, at = y.offset(); i < x.size(); i++) {
      float value = x.data()[x.offset() + i] * gain.data()[gain.offset() + i % n];
      y.data()[at + i] = put(beta, y.data()[at + i], value);
    }
  }

  @Override
  public void sumProducts(Tensor a, Tensor b, float beta, Tensor sum) {
    int n = a.cols();
    if (beta == 0) {
      sum.fill(0);
    }
    for (int i = 0; i < a.size(); i++) {
      sum.data()[sum.offset() + i % n] += a.data()[a.offset() + i] * b.data()[b.offset() + i];
    }
  }

  @Override
  public void changedNorms(Tensor squares, Tensor b, Tensor change, Tensor norms) {
    int n = squares.size();
    int rank = b.cols();
    for (int i = 0; i < n; i++) {
      double square = squares.data()[squares.offset() + i];
      double least = square * ROUNDING + Float.MIN_NORMAL;
      for (int r = 0; r < rank; r++) {
        square +=
            (double) b.data()[b.offset() + i * rank + r]
                * change.data()[change.offset() + r * n + i];
      }
      norms.data()[norms.offset() + i] = (float) Math.sqrt(Math.max(square, least));
    }
  }

  @Override
  public double squaredNorm(Tensor x) {
    double sum = 0;
    for (int i = 0; i < x.size(); i++) {
      double value = x.data()[x.offset() + i];
      sum += value * value;
    }
    return sum;
  }

  @Override
  public void gather(Matrix table, int[] ids, float scale, float beta, Tensor y) {
    int d = y.cols();
    float[] row = new float[d];
    for (int t = 0; t < ids.length; t++) {
      table.read(ids[t], 0, 1, d, row, 0, d);
      for (int i = 0, at = y.offset() + t * d; i < d; i++) {
        y.data()[at + i] = put(beta, y.data()[at + i], scale * row[i]);
      }
    }
  }

  @Override
  public void scatterAdd(Tensor x, int[] ids, float scale, Tensor table) {
    int d = x.cols();
    for (int t = 0; t < ids.length; t++) {
      addScaled(scale, x.data(), x.offset() + t * d, table.data(), table.offset() + ids[t] * d, d);
    }
  }

  @Override
  public void layerNorm(
      Tensor x, Tensor gain, Tensor bias, float eps, Tensor y, Tensor mean, Tensor rstd) {
    int d = x.cols();
    float[] xs = x.data();
    for (int t = 0; t < x.rows(); t++) {
      int xo = x.offset() + t * d;
      int yo = y.offset() + t * d;
      double sum = 0;
      for (int i = 0; i < d; i++) {
        sum += xs[xo + i];
      }
      double mu = sum / d;
      double squares = 0;
      for (int i = 0; i < d; i++) {
        squares += (xs[xo + i] - mu) * (xs[xo + i] - mu);
      }
      float m = (float) mu;
      float r = (float) (1 / Math.sqrt(squares / d + eps));
      mean.data()[mean.offset() + t] = m;
      rstd.data()[rstd.offset() + t] = r;
      for (int i = 0; i < d; i++) {
        y.data()[yo + i] =
            (xs[xo + i] - m) * r * gain.data()[gain.offset() + i] + bias.data()[bias.offset() + i];
      }
    }
  }

  @Override
  public void layerNormBackward(
      Tensor dy, Tensor x, Tensor gain, Tensor mean, Tensor rstd, float beta, Tensor dx) {
    int d = x.cols();
    for (int t = 0; t < x.rows(); t++) {
      int xo = x.offset() + t * d;
      int go = dy.offset() + t * d;
      int oo = dx.offset() + t * d;
      float m = mean.data()[mean.offset() + t];
      float r = rstd.data()[rstd.offset() + t];
      double sum = 0;
      double sumX = 0;
      for (int i = 0; i < d; i++) {
        float g = dy.data()[go + i] * gain.data()[gain.offset() + i];
        sum += g;
        sumX += g * (x.data()[xo + i] - m) * r;
      }
      float c = (float) (sum / d);
      float cx = (float) (sumX / d);
      for (int i = 0; i < d; i++) {
        float g = dy.data()[go + i] * gain.data()[gain.offset() + i];
        float value = r * (g - c - (x.data()[xo + i] - m) * r * cx);
        dx.data()[oo + i] = put(beta, dx.data()[oo + i], value);
      }
    }
  }

  @Override
  public void layerNormGainGradient(
      Tensor dy, Tensor x, Tensor mean, Tensor rstd, float beta, Tensor dgain) {
    int d = x.cols();
    if (beta == 0) {
      dgain.fill(0);
    }
    for (int t = 0; t < x.rows(); t++) {
      float m = mean.data()[mean.offset() + t];
      float r = rstd.data()[rstd.offset() + t];
      for (int i = 0; i < d; i++) {
        dgain.data()[dgain.offset() + i] +=
            dy.data()[dy.offset() + t * d + i] * (x.data()[x.offset() + t * d + i] - m) * r;
      }
    }
  }

  @Override
  public void rmsNorm(Tensor x, Tensor gain, float offset, float eps, Tensor y, Tensor rstd) {
    int d = gain.size();
    for (int g = 0; g < x.size() / d; g++) {
      int xo = x.offset() + g * d;
      int yo = y.offset() + g * d;
      double squares = 0;
      for (int i = 0; i < d; i++) {
        squares += (double) x.data()[xo + i] * x.data()[xo + i];
      }
      float r = (float) (1 / Math.sqrt(squares / d + eps));
      rstd.data()[rstd.offset() + g] = r;
      for (int i = 0; i < d; i++) {
        y.data()[yo + i] = x.data()[xo + i] * r * (offset + gain.data()[gain.offset() + i]);
      }
    }
  }

  @Override
  public void rmsNormBackward(
      Tensor dy, Tensor x, Tensor gain, float offset, Tensor rstd, float beta, Tensor dx) {
    int d = gain.size();
    for (int g = 0; g < x.size() / d; g++) {
      int xo = x.offset() + g * d;
      int dyo = dy.offset() + g * d;
      int dxo = dx.offset() + g * d;
      float r = rstd.data()[rstd.offset() + g];
      double sum = 0;
      for (int i = 0; i < d; i++) {
        float scaled = dy.data()[dyo + i] * (offset + gain.data()[gain.offset() + i]);
        sum += scaled * x.data()[xo + i] * r;
      }
      float c = (float) (sum / d);
      for (int i = 0; i < d; i++) {
        float scaled = dy.data()[dyo + i] * (offset + gain.data()[gain.offset() + i]);
        float value = r * (scaled - x.data()[xo + i] * r * c);
        dx.data()[dxo + i] = put(beta, dx.data()[dxo + i], value);
      }
    }
  }

  @Override
  public void rmsNormGainGradient(Tensor dy, Tensor x, Tensor rstd, float beta, Tensor dgain) {
    int d = dgain.size();
    if (beta == 0) {
      dgain.fill(0);
    }
    for (int g = 0; g < x.size() / d; g++) {
      float r = rstd.data()[rstd.offset() + g];
      for (int i = 0; i < d; i++) {
        dgain.data()[dgain.offset() + i] +=
            dy.data()[dy.offset() + g * d + i] * (x.data()[x.offset() + g * d + i] * r);
      }
    }
  }

  @Override
  public void rotate(
      Tensor x, int[] positions, Tensor cos, Tensor sin, boolean back, float beta, Tensor y) {
    int half = cos.cols();
    for (int t = 0; t < x.rows(); t++) {
      int angle = positions[t] * half;
      for (int at = t * x.cols(); at < (t + 1) * x.cols(); at += 2 * half) {
        for (int i = 0; i < half; i++) {
          float c = cos.data()[cos.offset() + angle + i];
          float s = sin.data()[sin.offset() + angle + i] * (back ? -1 : 1);
          float a = x.data()[x.offset() + at + i];
          float b = x.data()[x.offset() + at + half + i];
          int o = y.offset() + at + i;
          y.data()[o] = put(beta, y.data()[o], a * c - b * s);
          y.data()[o + half] = put(beta, y.data()[o + half], b * c + a * s);
        }
      }
    }
  }

  @Override
  public void glu(Activation activation, Tensor gate, Tensor up, float beta, Tensor y) {
    for (int i = 0; i < y.size(); i++) {
      double a = activate(activation, gate.data()[gate.offset() + i]);
      float value = (float) (a * up.data()[up.offset() + i]);
      y.data()[y.offset() + i] = put(beta, y.data()[y.offset() + i], value);
    }
  }

  @Override
  public void gluBackward(
      Activation activation, Tensor dy, Tensor gate, Tensor up, float beta, Tensor dgate) {
    for (int i = 0; i < dgate.size(); i++) {
      double slope = slope(activation, gate.data()[gate.offset() + i]);
      float value = (float) (slope * dy.data()[dy.offset() + i] * up.data()[up.offset() + i]);
      dgate.data()[dgate.offset() + i] = put(beta, dgate.data()[dgate.offset() + i], value);
    }
  }

  @Override
  public void gelu(Tensor x, Tensor y) {
    for (int i = 0; i < x.size(); i++) {
      y.data()[y.offset() + i] = (float) activate(Activation.GELU_TANH, x.data()[x.offset() + i]);
    }
  }

  @Override
  public void geluBackward(Tensor dy, Tensor x, float beta, Tensor dx) {
    for (int i = 0; i < x.size(); i++) {
      double slope = slope(Activation.GELU_TANH, x.data()[x.offset() + i]);
      float value = (float) (dy.data()[dy.offset() + i] * slope);
      dx.data()[dx.offset() + i] = put(beta, dx.data()[dx.offset() + i], value);
    }
  }

  private static double activate(Activation activation, float v) {
    return switch (activation) {
      case SILU -> v / (1 + StrictMath.exp(-v));
      case GELU_TANH -> 0.5 * v * (1 + geluTanh(v));
    };
  }

  private static double slope(Activation activation, float v) {
    return switch (activation) {
      case SILU -> {
        double s = 1 / (1 + StrictMath.exp(-v));
        yield s * (1 + v * (1 - s));
      }
      case GELU_TANH -> {
        double th = geluTanh(v);
        yield 0.5 * (1 + th) + 0.5 * v * (1 - th * th) * GELU_A * (1 + 3 * GELU_B * v * v);
      }
    };
  }

  private static double geluTanh(float v) {
    return StrictMath.tanh(GELU_A * (v + GELU_B * v * v * v));
  }

  @Override
  public void dropout(float rate, long key, long[] tokenKeys, Tensor x, float beta, Tensor y) {
    int d = x.cols();
    float scale = 1 / (1 - rate);
    for (int t = 0; t < x.rows(); t++) {
      for (int i = 0; i < d; i++) {
        float value = x.data()[x.offset() + t * d + i] * scale;
        int at = y.offset() + t * d + i;
        y.data()[at] =
            put(beta, y.data()[at], Draws.keeps(key, tokenKeys[t], i, rate) ? value : 0f);
      }
    }
  }

  @Override
  public void softmaxSums(Tensor logits, int column, int[] targets, SoftmaxSums sums) {
    int n = logits.cols();
    float[] z = logits.data();
    for (int r = 0; r < logits.rows(); r++) {
      int at = logits.offset() + r * n;
      for (int i = 0; i < n; i++) {
        if (z[at + i] != Float.NEGATIVE_INFINITY) {
          sums.add(r, StrictMath.exp((double) z[at + i] - sums.raise(r, z[at + i])));
        }
      }
      int target = targets[r] - column;
      if (target >= 0 && target < n) {
        sums.choose(r, z[at + target]);
      }
    }
  }

  @Override
  public void softmaxGradient(
      Tensor logits, int column, int[] targets, float scale, SoftmaxSums sums) {
    int n = logits.cols();
    float[] z = logits.data();
    for (int r = 0; r < logits.rows(); r++) {
      int at = logits.offset() + r * n;
      for (int i = 0; i < n; i++) {
        double e = StrictMath.exp((double) z[at + i] - sums.max(r));
        z[at + i] = (float) (scale * (e / sums.sum(r)));
      }
      int target = targets[r] - column;
      if (target >= 0 && target < n) {
        z[at + target] -= scale;
      }
    }
  }

  @Override
  public void attention(
      AttentionShape shape, int[] starts, Window q, Window k, Window v, Tensor y, Tensor lse) {
    for (int s = 0; s + 1 < starts.length; s++) {
      for (int i = starts[s]; i < starts[s + 1]; i++) {
        for (int head = 0; head < shape.heads(); head++) {
          int first = starts[s] + shape.firstSeen(i - starts[s]);
          float log = attend(shape, head, q, i, k, v, first, i, y, i);
          lse.data()[lse.offset() + i * shape.heads() + head] = log;
        }
      }
    }
  }

  @Override
  public void attentionOver(
      AttentionShape shape, int past, Window q, Tensor keys, Tensor values, Tensor y) {
    Window k = new Window(keys, 0);
    Window v = new Window(values, 0);
    for (int i = 0; i < y.rows(); i++) {
      for (int head = 0; head < shape.heads(); head++) {
        attend(shape, head, q, i, k, v, shape.firstSeen(past + i), past + i, y, i);
      }
    }
  }

  /** One head of one query over the keys {@code first} to {@code last}; returns log Σ exp. */
  private static float attend(
      AttentionShape shape,
      int head,
      Window q,
      int row,
      Window k,
      Window v,
      int first,
      int last,
      Tensor y,
      int out) {
    int h = shape.width();
    int kvColumn = head / shape.group() * h;
    float[] p = new float[last - first + 1];
    float max = Float.NEGATIVE_INFINITY;
    for (int j = first; j <= last; j++) {
      float score =
          shape.scale() * dot(q.data(), q.at(row) + head * h, k.data(), k.at(j) + kvColumn, h);
      p[j - first] = score;
      max = Math.max(max, score);
    }
    double sum = 0;
    for (float score : p) {
      sum += StrictMath.exp(score - max);
    }
    float log = (float) (max + StrictMath.log(sum));
    int at = y.offset() + out * y.cols() + head * h;
    java.util.Arrays.fill(y.data(), at, at + h, 0);
    for (int j = first; j <= last; j++) {
      float pij = (float) StrictMath.exp(p[j - first] - log);
      addScaled(pij, v.data(), v.at(j) + kvColumn, y.data(), at, h);
    }
    return log;
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
    int h = shape.width();
    if (beta == 0) {
      clear(dq, y.rows(), shape.heads() * h);
      clear(dk, y.rows(), shape.kvHeads() * h);
      clear(dv, y.rows(), shape.kvHeads() * h);
    }
    for (int s = 0; s + 1 < starts.length; s++) {
      for (int head = 0; head < shape.heads(); head++) {
        int kv = head / shape.group() * h;
        for (int i = starts[s]; i < starts[s + 1]; i++) {
          int at = i * y.cols() + head * h;
          int qi = q.at(i) + head * h;
          float log = lse.data()[lse.offset() + i * shape.heads() + head];
          float delta = dot(dy.data(), dy.offset() + at, y.data(), y.offset() + at, h);
          for (int j = starts[s] + shape.firstSeen(i - starts[s]); j <= i; j++) {
            float score = shape.scale() * dot(q.data(), qi, k.data(), k.at(j) + kv, h);
            float pij = (float) StrictMath.exp(score - log);
            float dp = dot(dy.data(), dy.offset() + at, v.data(), v.at(j) + kv, h);
            float ds = shape.scale() * pij * (dp - delta);
            addScaled(pij, dy.data(), dy.offset() + at, dv.data(), dv.at(j) + kv, h);
            addScaled(ds, k.data(), k.at(j) + kv, dq.data(), dq.at(i) + head * h, h);
            addScaled(ds, q.data(), qi, dk.data(), dk.at(j) + kv, h);
          }
        }
      }
    }
  }

  @Override
  public void adamW(AdamWStep s, Tensor p, Tensor g, Tensor m, Tensor v) {
    float keep = 1 - s.rate() * s.decay();
    float rate = s.rate() / s.correction1();
    float root = (float) Math.sqrt(s.correction2());
    for (int i = 0; i < p.size(); i++) {
      float gi = g.data()[g.offset() + i] * s.gradientScale();
      float mi = s.beta1() * m.data()[m.offset() + i] + (1 - s.beta1()) * gi;
      float vi = s.beta2() * v.data()[v.offset() + i] + (1 - s.beta2()) * gi * gi;
      m.data()[m.offset() + i] = mi;
      v.data()[v.offset() + i] = vi;
      float denominator = (float) Math.sqrt(vi) / root + s.eps();
      p.data()[p.offset() + i] = p.data()[p.offset() + i] * keep - rate * mi / denominator;
    }
  }

  private static float put(float beta, float old, float value) {
    return beta == 0 ? value : old + value;
  }

  private static float dot(float[] a, int ao, float[] b, int bo, int n) {
    float sum = 0;
    for (int i = 0; i < n; i++) {
      sum += a[ao + i] * b[bo + i];
    }
    return sum;
  }

  private static void addScaled(float s, float[] from, int fo, float[] to, int o, int n) {
    for (int i = 0; i < n; i++) {
      to[o + i] += s * from[fo + i];
    }
  }

  private static void clear(Window w, int rows, int cols) {
    for (int t = 0; t < rows; t++) {
      java.util.Arrays.fill(w.data(), w.at(t), w.at(t) + cols, 0);
    }
  }
}
