package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** The three passes of a softmax over neighbouring values. */
final class Softmax {
  private Softmax() {}

  /** The largest of {@code n} values; a NaN may be passed over. */
  static float max(float[] z, int at, int n, float[] lanes) {
    FloatVector m0 = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0;
    int i = 0;
    for (; i <= n - 2 * L; i += 2 * L) {
      m0 = Lanes.larger(FloatVector.fromArray(F, z, at + i), m0);
      m1 = Lanes.larger(FloatVector.fromArray(F, z, at + i + L), m1);
    }
    for (; i <= n - L; i += L) {
      m0 = Lanes.larger(FloatVector.fromArray(F, z, at + i), m0);
    }
    float max = Lanes.max(Lanes.larger(m0, m1), lanes);
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

  /** Multiplies {@code n} values. */
  static void multiply(float[] z, int at, int n, float factor) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.fromArray(F, z, at + i).mul(factor).intoArray(z, at + i);
    }
    for (; i < n; i++) {
      z[at + i] *= factor;
    }
  }
}
