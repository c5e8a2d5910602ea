package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** The passes of a softmax over neighbouring values. */
final class Softmax {
  private Softmax() {}

  /** The largest of {@code n} values; a NaN may be passed over. */
  static float max(float[] z, int at, int n, float[] lanes) {
    FloatVector m0 = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0;
    int i = 0;
    for (; i <= n - 2 * L; i += 2 * L) {
      m0 = m0.max(FloatVector.fromArray(F, z, at + i));
      m1 = m1.max(FloatVector.fromArray(F, z, at + i + L));
    }
    for (; i <= n - L; i += L) {
      m0 = m0.max(FloatVector.fromArray(F, z, at + i));
    }
    float max = Lanes.max(m0.max(m1), lanes);
    for (; i < n; i++) {
      max = Math.max(max, z[at + i]);
    }
    return max;
  }

  /** Replaces values by eᵛ⁻ᵐᵃˣ; returns their sum. */
  static float exponentials(float[] z, int at, int n, float max, float[] lanes) {
    FloatVector sum = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector e = Exp.exp(FloatVector.fromArray(F, z, at + i).sub(max));
      e.intoArray(z, at + i);
      sum = sum.add(e);
    }
    float tail = i < n ? tail(z, at + i, n - i, max, lanes) : 0;
    return Lanes.sum(sum, lanes) + tail;
  }

  /** Fewer values than lanes. */
  private static float tail(float[] z, int at, int n, float max, float[] lanes) {
    Arrays.fill(lanes, 0, L, Float.NEGATIVE_INFINITY);
    System.arraycopy(z, at, lanes, 0, n);
    FloatVector e = Exp.exp(FloatVector.fromArray(F, lanes, 0).sub(max));
    e.intoArray(lanes, 0);
    System.arraycopy(lanes, 0, z, at, n);
    return Lanes.sum(e, lanes);
  }

  /**
   * Σ eᵛ⁻ᵐᵃˣ. The exponential is written once: with more of them in a method that is inlined, the
   * compiler stops inlining in the middle of one, and makes objects of vectors.
   */
  static float sum(float[] z, int at, int n, float max, float[] lanes) {
    FloatVector sum = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - L; i += L) {
      sum = sum.add(Exp.exp(FloatVector.fromArray(F, z, at + i).sub(max)));
    }
    float tail = i < n ? sumOfFew(z, at + i, n - i, max, lanes) : 0;
    return Lanes.sum(sum, lanes) + tail;
  }

  /** Fewer values than lanes. */
  private static float sumOfFew(float[] z, int at, int n, float max, float[] lanes) {
    Arrays.fill(lanes, 0, L, Float.NEGATIVE_INFINITY);
    System.arraycopy(z, at, lanes, 0, n);
    return Lanes.sum(Exp.exp(FloatVector.fromArray(F, lanes, 0).sub(max)), lanes);
  }

  /** Replaces values by factor·eᵛ⁻ᵐᵃˣ. */
  static void scaledExponentials(float[] z, int at, int n, float max, float factor, float[] lanes) {
    int i = 0;
    for (; i <= n - L; i += L) {
      Exp.exp(FloatVector.fromArray(F, z, at + i).sub(max)).mul(factor).intoArray(z, at + i);
    }
    if (i < n) {
      System.arraycopy(z, at + i, lanes, 0, n - i);
      Exp.exp(FloatVector.fromArray(F, lanes, 0).sub(max)).mul(factor).intoArray(lanes, 0);
      System.arraycopy(lanes, 0, z, at + i, n - i);
    }
  }
}
