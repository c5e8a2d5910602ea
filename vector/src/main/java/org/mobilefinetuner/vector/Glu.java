package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;

import jdk.incubator.vector.FloatVector;
import org.mobilefinetuner.kernel.Activation;

/** Gated linear units over {@code n} neighbours: an activation times another value. */
final class Glu {
  private Glu() {}

  /** y = activation(gate)·up, added to y if {@code add}. */
  static void forward(
      Activation activation,
      float[] gate,
      int go,
      float[] up,
      int uo,
      boolean add,
      float[] y,
      int yo,
      int n,
      float[] lanes) {
    boolean silu = activation == Activation.SILU;
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector g = FloatVector.fromArray(F, gate, go + i);
      FloatVector value =
          (silu ? silu(g) : Gelu.value(g)).mul(FloatVector.fromArray(F, up, uo + i));
      (add ? FloatVector.fromArray(F, y, yo + i).add(value) : value).intoArray(y, yo + i);
    }
    if (i < n) {
      System.arraycopy(gate, go + i, lanes, 0, n - i);
      FloatVector g = FloatVector.fromArray(F, lanes, 0);
      (silu ? silu(g) : Gelu.value(g)).intoArray(lanes, 0);
      product(lanes, up, uo + i, add, y, yo + i, n - i);
    }
  }

  /** dgate = dy·up·activation'(gate), added to dgate if {@code add}. */
  static void backward(
      Activation activation,
      float[] dy,
      int dyo,
      float[] gate,
      int go,
      float[] up,
      int uo,
      boolean add,
      float[] dgate,
      int dgo,
      int n,
      float[] lanes) {
    boolean silu = activation == Activation.SILU;
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector g = FloatVector.fromArray(F, gate, go + i);
      FloatVector value =
          (silu ? siluSlope(g) : Gelu.slope(g))
              .mul(FloatVector.fromArray(F, dy, dyo + i))
              .mul(FloatVector.fromArray(F, up, uo + i));
      (add ? FloatVector.fromArray(F, dgate, dgo + i).add(value) : value).intoArray(dgate, dgo + i);
    }
    if (i < n) {
      System.arraycopy(gate, go + i, lanes, 0, n - i);
      FloatVector g = FloatVector.fromArray(F, lanes, 0);
      (silu ? siluSlope(g) : Gelu.slope(g)).intoArray(lanes, 0);
      for (int j = 0; j < n - i; j++) {
        lanes[j] *= dy[dyo + i + j];
      }
      product(lanes, up, uo + i, add, dgate, dgo + i, n - i);
    }
  }

  /** The last values, fewer than lanes. */
  private static void product(
      float[] a, float[] up, int uo, boolean add, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      float value = a[i] * up[uo + i];
      y[yo + i] = add ? y[yo + i] + value : value;
    }
  }

  private static FloatVector silu(FloatVector x) {
    return x.div(Exp.exp(x.neg()).add(1f));
  }

  private static FloatVector siluSlope(FloatVector x) {
    FloatVector e = Exp.exp(x.neg());
    FloatVector s = FloatVector.broadcast(F, 1f).div(e.add(1f));
    return x.mul(e.mul(s)).add(1f).mul(s);
  }
}
