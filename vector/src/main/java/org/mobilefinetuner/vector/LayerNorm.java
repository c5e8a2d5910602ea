package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;

import jdk.incubator.vector.FloatVector;
import org.mobilefinetuner.tensor.Tensor;

/** Layer normalisation of single rows, and its gradients. */
final class LayerNorm {
  private LayerNorm() {}

  static void forward(
      Tensor x,
      Tensor gain,
      Tensor bias,
      float eps,
      Tensor y,
      Tensor mean,
      Tensor rstd,
      int row,
      Scratch own) {
    int d = x.cols();
    int xo = x.offset() + row * d;
    float m = sum(x.data(), xo, d, own.lanes) / d;
    float variance = squares(x.data(), xo, m, d, own.lanes) / d;
    float r = (float) (1 / Math.sqrt(variance + eps));
    mean.data()[mean.offset() + row] = m;
    rstd.data()[rstd.offset() + row] = r;
    scale(
        x.data(),
        xo,
        m,
        r,
        gain.data(),
        gain.offset(),
        bias.data(),
        bias.offset(),
        y.data(),
        y.offset() + row * d,
        d);
  }

  private static float sum(float[] x, int xo, int d, float[] lanes) {
    FloatVector sum = FloatVector.zero(F);
    FloatVector other = sum;
    int i = 0;
    for (; i <= d - 2 * L; i += 2 * L) {
      sum = sum.add(FloatVector.fromArray(F, x, xo + i));
      other = other.add(FloatVector.fromArray(F, x, xo + i + L));
    }
    float total = Lanes.sum(sum.add(other), lanes);
    for (; i < d; i++) {
      total += x[xo + i];
    }
    return total;
  }

  private static float squares(float[] x, int xo, float mean, int d, float[] lanes) {
    FloatVector sum = FloatVector.zero(F);
    FloatVector other = sum;
    int i = 0;
    for (; i <= d - 2 * L; i += 2 * L) {
      FloatVector v = FloatVector.fromArray(F, x, xo + i).sub(mean);
      FloatVector w = FloatVector.fromArray(F, x, xo + i + L).sub(mean);
      sum = v.fma(v, sum);
      other = w.fma(w, other);
    }
    float total = Lanes.sum(sum.add(other), lanes);
    for (; i < d; i++) {
      total += (x[xo + i] - mean) * (x[xo + i] - mean);
    }
    return total;
  }

  private static void scale(
      float[] x,
      int xo,
      float m,
      float r,
      float[] gain,
      int go,
      float[] bias,
      int bo,
      float[] y,
      int yo,
      int d) {
    int i = 0;
    for (; i <= d - L; i += L) {
      FloatVector.fromArray(F, x, xo + i)
          .sub(m)
          .mul(r)
          .mul(FloatVector.fromArray(F, gain, go + i))
          .add(FloatVector.fromArray(F, bias, bo + i))
          .intoArray(y, yo + i);
    }
    for (; i < d; i++) {
      y[yo + i] = (x[xo + i] - m) * r * gain[go + i] + bias[bo + i];
    }
  }

  static void backward(
      Tensor dy,
      Tensor x,
      Tensor gain,
      Tensor mean,
      Tensor rstd,
      boolean add,
      Tensor dx,
      int row,
      Scratch own) {
    int d = x.cols();
    float m = mean.data()[mean.offset() + row];
    float r = rstd.data()[rstd.offset() + row];
    int at = row * d;
    backward(
        dy.data(),
        dy.offset() + at,
        x.data(),
        x.offset() + at,
        gain.data(),
        gain.offset(),
        m,
        r,
        add,
        dx.data(),
        dx.offset() + at,
        d,
        own.lanes);
  }

  private static void backward(
      float[] dy,
      int dyo,
      float[] x,
      int xo,
      float[] gain,
      int go,
      float m,
      float r,
      boolean add,
      float[] dx,
      int dxo,
      int d,
      float[] lanes) {
    FloatVector sums = FloatVector.zero(F);
    FloatVector sumsX = sums;
    int i = 0;
    for (; i <= d - L; i += L) {
      FloatVector g =
          FloatVector.fromArray(F, dy, dyo + i).mul(FloatVector.fromArray(F, gain, go + i));
      sums = sums.add(g);
      sumsX = g.fma(FloatVector.fromArray(F, x, xo + i).sub(m).mul(r), sumsX);
    }
    float sum = Lanes.sum(sums, lanes);
    float sumX = Lanes.sum(sumsX, lanes);
    for (; i < d; i++) {
      float g = dy[dyo + i] * gain[go + i];
      sum += g;
      sumX += g * ((x[xo + i] - m) * r);
    }
    float c = sum / d;
    float cx = sumX / d;
    for (i = 0; i <= d - L; i += L) {
      FloatVector g =
          FloatVector.fromArray(F, dy, dyo + i).mul(FloatVector.fromArray(F, gain, go + i));
      FloatVector hat = FloatVector.fromArray(F, x, xo + i).sub(m).mul(r);
      FloatVector value = g.sub(c).sub(hat.mul(cx)).mul(r);
      (add ? FloatVector.fromArray(F, dx, dxo + i).add(value) : value).intoArray(dx, dxo + i);
    }
    for (; i < d; i++) {
      float value = (dy[dyo + i] * gain[go + i] - c - (x[xo + i] - m) * r * cx) * r;
      dx[dxo + i] = add ? dx[dxo + i] + value : value;
    }
  }

  /** The gain's gradient of columns {@code from} to {@code to}, over the rows in their order. */
  static void gainGradient(
      Tensor dy, Tensor x, Tensor mean, Tensor rstd, boolean add, Tensor dgain, int from, int to) {
    int d = x.cols();
    float[] g = dy.data();
    float[] xs = x.data();
    float[] sum = dgain.data();
    int o = dgain.offset();
    if (!add) {
      java.util.Arrays.fill(sum, o + from, o + to, 0);
    }
    for (int t = 0; t < x.rows(); t++) {
      float m = mean.data()[mean.offset() + t];
      float r = rstd.data()[rstd.offset() + t];
      int go = dy.offset() + t * d;
      int xo = x.offset() + t * d;
      int i = from;
      for (; i <= to - L; i += L) {
        FloatVector hat = FloatVector.fromArray(F, xs, xo + i).sub(m).mul(r);
        FloatVector.fromArray(F, sum, o + i)
            .add(hat.mul(FloatVector.fromArray(F, g, go + i)))
            .intoArray(sum, o + i);
      }
      for (; i < to; i++) {
        sum[o + i] += (xs[xo + i] - m) * r * g[go + i];
      }
    }
  }
}
