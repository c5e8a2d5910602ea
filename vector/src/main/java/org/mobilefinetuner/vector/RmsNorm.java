package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;

import jdk.incubator.vector.FloatVector;

/**
 * Normalisation of one group of {@code d} neighbours by its root mean square, and its gradients.
 */
final class RmsNorm {
  private RmsNorm() {}

  /** y = x·rstd·(offset + gain); gives rstd. */
  static float forward(
      float[] x,
      int xo,
      float[] gain,
      int go,
      float offset,
      float eps,
      float[] y,
      int yo,
      int d,
      float[] lanes) {
    float rstd = (float) (1 / Math.sqrt(squares(x, xo, d, lanes) / d + eps));
    int i = 0;
    for (; i <= d - L; i += L) {
      FloatVector g = FloatVector.fromArray(F, gain, go + i).add(offset);
      FloatVector.fromArray(F, x, xo + i).mul(rstd).mul(g).intoArray(y, yo + i);
    }
    for (; i < d; i++) {
      y[yo + i] = x[xo + i] * rstd * (gain[go + i] + offset);
    }
    return rstd;
  }

  private static float squares(float[] x, int xo, int d, float[] lanes) {
    FloatVector sum = FloatVector.zero(F);
    FloatVector other = sum;
    int i = 0;
    for (; i <= d - 2 * L; i += 2 * L) {
      FloatVector v = FloatVector.fromArray(F, x, xo + i);
      FloatVector w = FloatVector.fromArray(F, x, xo + i + L);
      sum = v.fma(v, sum);
      other = w.fma(w, other);
    }
    float total = Lanes.sum(sum.add(other), lanes);
    for (; i < d; i++) {
      total += x[xo + i] * x[xo + i];
    }
    return total;
  }

  static void backward(
      float[] dy,
      int dyo,
      float[] x,
      int xo,
      float[] gain,
      int go,
      float offset,
      float rstd,
      boolean add,
      float[] dx,
      int dxo,
      int d,
      float[] lanes) {
    FloatVector sums = FloatVector.zero(F);
    int i = 0;
    for (; i <= d - L; i += L) {
      FloatVector g = FloatVector.fromArray(F, gain, go + i).add(offset);
      FloatVector hat = FloatVector.fromArray(F, x, xo + i).mul(rstd);
      sums = FloatVector.fromArray(F, dy, dyo + i).mul(g).fma(hat, sums);
    }
    float sum = Lanes.sum(sums, lanes);
    for (; i < d; i++) {
      sum += dy[dyo + i] * (gain[go + i] + offset) * (x[xo + i] * rstd);
    }
    float c = sum / d;
    for (i = 0; i <= d - L; i += L) {
      FloatVector g = FloatVector.fromArray(F, gain, go + i).add(offset);
      FloatVector hat = FloatVector.fromArray(F, x, xo + i).mul(rstd);
      FloatVector value = FloatVector.fromArray(F, dy, dyo + i).mul(g).sub(hat.mul(c)).mul(rstd);
      (add ? FloatVector.fromArray(F, dx, dxo + i).add(value) : value).intoArray(dx, dxo + i);
    }
    for (; i < d; i++) {
      float value = (dy[dyo + i] * (gain[go + i] + offset) - x[xo + i] * rstd * c) * rstd;
      dx[dxo + i] = add ? dx[dxo + i] + value : value;
    }
  }

  /**
   * The gain's gradient of columns {@code from} to {@code to}, over all groups in their order.
   *
   * @param rstd of each group, at {@code ro}
   */
  static void gainGradient(
      float[] dy,
      int dyo,
      float[] x,
      int xo,
      float[] rstd,
      int ro,
      int groups,
      int d,
      float[] dgain,
      int o,
      int from,
      int to) {
    for (int g = 0; g < groups; g++, dyo += d, xo += d) {
      float r = rstd[ro + g];
      int i = from;
      for (; i <= to - L; i += L) {
        FloatVector hat = FloatVector.fromArray(F, x, xo + i).mul(r);
        FloatVector.fromArray(F, dgain, o + i)
            .add(hat.mul(FloatVector.fromArray(F, dy, dyo + i)))
            .intoArray(dgain, o + i);
      }
      for (; i < to; i++) {
        dgain[o + i] += x[xo + i] * r * dy[dyo + i];
      }
    }
  }
}
