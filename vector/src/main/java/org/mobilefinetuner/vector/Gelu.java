package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;

import jdk.incubator.vector.FloatVector;

/**
 * GELU in its tanh form, written with the logistic function: (1 + tanh u)/2 = 1/(1 + e⁻²ᵘ), with u
 * = √(2/π)·(x + 0.044715·x³).
 */
final class Gelu {
  private static final float A = -1.5957691216f; // -2·√(2/π)
  private static final float B = A * 0.044715f;

  private Gelu() {}

  static void forward(float[] x, int xo, float[] y, int yo, int n, Scratch own) {
    int i = 0;
    for (; i <= n - L; i += L) {
      value(FloatVector.fromArray(F, x, xo + i)).intoArray(y, yo + i);
    }
    if (i < n) {
      System.arraycopy(x, xo + i, own.lanes, 0, n - i);
      forward(own.lanes, 0, own.lanes, 0, L, own);
      System.arraycopy(own.lanes, 0, y, yo + i, n - i);
    }
  }

  static void backward(
      float[] dy,
      int dyo,
      float[] x,
      int xo,
      boolean add,
      float[] dx,
      int dxo,
      int n,
      Scratch own) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector slope = slope(FloatVector.fromArray(F, x, xo + i));
      FloatVector value = slope.mul(FloatVector.fromArray(F, dy, dyo + i));
      (add ? FloatVector.fromArray(F, dx, dxo + i).add(value) : value).intoArray(dx, dxo + i);
    }
    if (i < n) {
      tail(dy, dyo + i, x, xo + i, add, dx, dxo + i, n - i, own.lanes);
    }
  }

  /** Fewer values than lanes: in a method of its own, to keep the other one small. */
  private static void tail(
      float[] dy,
      int dyo,
      float[] x,
      int xo,
      boolean add,
      float[] dx,
      int dxo,
      int n,
      float[] lanes) {
    System.arraycopy(x, xo, lanes, 0, n);
    slope(FloatVector.fromArray(F, lanes, 0)).intoArray(lanes, 0);
    for (int i = 0; i < n; i++) {
      float value = lanes[i] * dy[dyo + i];
      dx[dxo + i] = add ? dx[dxo + i] + value : value;
    }
  }

  static FloatVector value(FloatVector x) {
    FloatVector u = x.mul(x).mul(B).add(A).mul(x);
    return x.div(Exp.exp(u).add(1f));
  }

  static FloatVector slope(FloatVector x) {
    FloatVector square = x.mul(x);
    FloatVector e = Exp.exp(square.mul(B).add(A).mul(x));
    FloatVector s = FloatVector.broadcast(F, 1f).div(e.add(1f));
    FloatVector du = square.mul(-3 * B).sub(A).mul(x); // x·d(2u)/dx
    return du.mul(e.mul(s)).add(1f).mul(s);
  }
}
