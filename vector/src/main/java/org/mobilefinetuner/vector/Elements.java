package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.mobilefinetuner.kernel.AdamWStep;

/** Kernels that treat every element alike, over {@code n} neighbours; same bits as the scalar. */
final class Elements {
  private static final VectorSpecies<Double> D = VectorSpecies.of(double.class, F.vectorShape());

  private Elements() {}

  /** y = alpha·x, or y += alpha·x. */
  static void axpy(float alpha, float[] x, int xo, boolean add, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector value = FloatVector.fromArray(F, x, xo + i).mul(alpha);
      (add ? FloatVector.fromArray(F, y, yo + i).add(value) : value).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = add ? y[yo + i] + alpha * x[xo + i] : alpha * x[xo + i];
    }
  }

  /** y = a + scale·b. */
  static void add(float[] a, int ao, float scale, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.fromArray(F, a, ao + i)
          .add(FloatVector.fromArray(F, b, bo + i).mul(scale))
          .intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] + scale * b[bo + i];
    }
  }

  /** y = a·b, or y += a·b. */
  static void products(
      float[] a, int ao, float[] b, int bo, boolean add, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector value =
          FloatVector.fromArray(F, a, ao + i).mul(FloatVector.fromArray(F, b, bo + i));
      (add ? FloatVector.fromArray(F, y, yo + i).add(value) : value).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = add ? y[yo + i] + a[ao + i] * b[bo + i] : a[ao + i] * b[bo + i];
    }
  }

  /** Σ x², in float64. */
  static double squares(float[] x, int xo, int n) {
    DoubleVector even = DoubleVector.zero(D);
    DoubleVector odd = even;
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, xo + i);
      DoubleVector low = (DoubleVector) v.convertShape(VectorOperators.F2D, D, 0);
      DoubleVector high = (DoubleVector) v.convertShape(VectorOperators.F2D, D, 1);
      even = low.fma(low, even);
      odd = high.fma(high, odd);
    }
    double sum = 0;
    for (double lane : even.add(odd).toArray()) {
      sum += lane;
    }
    for (; i < n; i++) {
      sum += (double) x[xo + i] * x[xo + i];
    }
    return sum;
  }

  static void adamW(
      AdamWStep s,
      float[] p,
      int po,
      float[] g,
      int go,
      float[] m,
      int mo,
      float[] v,
      int vo,
      int n) {
    float keep = 1 - s.rate() * s.decay();
    float rate = s.rate() / s.correction1();
    float root = (float) Math.sqrt(s.correction2());
    float gradient = s.gradientScale();
    float new1 = 1 - s.beta1();
    float new2 = 1 - s.beta2();
    float beta1 = s.beta1();
    float beta2 = s.beta2();
    float eps = s.eps();
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector gi = FloatVector.fromArray(F, g, go + i).mul(gradient);
      FloatVector mi = FloatVector.fromArray(F, m, mo + i).mul(beta1).add(gi.mul(new1));
      FloatVector vi = FloatVector.fromArray(F, v, vo + i).mul(beta2).add(gi.mul(new2).mul(gi));
      mi.intoArray(m, mo + i);
      vi.intoArray(v, vo + i);
      FloatVector denominator = vi.sqrt().div(root).add(eps);
      FloatVector.fromArray(F, p, po + i)
          .mul(keep)
          .sub(mi.mul(rate).div(denominator))
          .intoArray(p, po + i);
    }
    for (; i < n; i++) {
      float gi = g[go + i] * gradient;
      float mi = beta1 * m[mo + i] + new1 * gi;
      float vi = beta2 * v[vo + i] + new2 * gi * gi;
      m[mo + i] = mi;
      v[vo + i] = vi;
      float denominator = (float) Math.sqrt(vi) / root + eps;
      p[po + i] = p[po + i] * keep - rate * mi / denominator;
    }
  }
}
