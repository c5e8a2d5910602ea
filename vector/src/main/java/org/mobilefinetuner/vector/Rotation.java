package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;

import jdk.incubator.vector.FloatVector;

/** Turns the pairs (i, i + half) of one head by their angles. */
final class Rotation {
  private Rotation() {}

  /**
   * @param sign 1, or -1 to turn back
   */
  static void head(
      float[] x,
      int xo,
      float[] cos,
      int co,
      float[] sin,
      int so,
      float sign,
      boolean add,
      float[] y,
      int yo,
      int half) {
    int i = 0;
    for (; i <= half - L; i += L) {
      FloatVector c = FloatVector.fromArray(F, cos, co + i);
      FloatVector s = FloatVector.fromArray(F, sin, so + i).mul(sign);
      FloatVector a = FloatVector.fromArray(F, x, xo + i);
      FloatVector b = FloatVector.fromArray(F, x, xo + half + i);
      FloatVector first = a.mul(c).sub(b.mul(s));
      FloatVector second = b.mul(c).add(a.mul(s));
      if (add) {
        first = FloatVector.fromArray(F, y, yo + i).add(first);
        second = FloatVector.fromArray(F, y, yo + half + i).add(second);
      }
      first.intoArray(y, yo + i);
      second.intoArray(y, yo + half + i);
    }
    for (; i < half; i++) {
      float s = sin[so + i] * sign;
      float first = x[xo + i] * cos[co + i] - x[xo + half + i] * s;
      float second = x[xo + half + i] * cos[co + i] + x[xo + i] * s;
      y[yo + i] = add ? y[yo + i] + first : first;
      y[yo + half + i] = add ? y[yo + half + i] + second : second;
    }
  }
}
