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
    float max = Lanes.max(Lanes.larger(m0, m1), lanes);
    for (; i < n; i++) {
      max = Math.max(max, z[at + i]);
    }
    return max;
  }

  /** Replaces values by eᵛ⁻ᵐᵃˣ; returns their sum. */
  static float exponentials(float[] z, int at, int n, float max, float[] lanes) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * L; i += 2 * L) {
      FloatVector e0 = Exp.exp(FloatVector.fromArray(F, z, at + i).sub(max));
      FloatVector e1 = Exp.exp(FloatVector.fromArray(F, z, at + i + L).sub(max));
      e0.intoArray(z, at + i);
      e1.intoArray(z, at + i + L);
      s0 = s0.add(e0);
      s1 = s1.add(e1);
    }
    for (; i < n; i += L) {
      int some = Math.min(L, n - i);
      Arrays.fill(lanes, 0, L, Float.NEGATIVE_INFINITY);
      System.arraycopy(z, at + i, lanes, 0, some);
      FloatVector e = Exp.exp(FloatVector.fromArray(F, lanes, 0).sub(max));
      e.intoArray(lanes, 0);
      System.arraycopy(lanes, 0, z, at + i, some);
      s0 = s0.add(e);
    }
    return Lanes.sum(s0.add(s1), lanes);
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
