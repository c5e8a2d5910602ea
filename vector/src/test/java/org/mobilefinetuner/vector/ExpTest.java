package org.mobilefinetuner.vector;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

final class ExpTest {
  private static final double SLOPE = 2 * Math.sqrt(2 / Math.PI);

  @Test
  void errorIsAtMostOneUnitInTheLastPlace() {
    double worst = 0;
    for (int bits = Float.floatToIntBits(1e-9f); bits <= Float.floatToIntBits(Exp.HIGH); ) {
      float[] x = new float[Lanes.L];
      for (int i = 0; i < x.length; i++, bits += 997) {
        float magnitude = Float.intBitsToFloat(bits);
        x[i] = i % 2 == 0 ? Math.min(magnitude, Exp.HIGH) : Math.max(-magnitude, Exp.LOW);
      }
      float[] y = exp(x);
      for (int i = 0; i < x.length; i++) {
        double exact = StrictMath.exp(x[i]);
        worst = Math.max(worst, Math.abs(y[i] - exact) / Math.ulp((float) exact));
      }
    }
    assertThat(worst).isLessThan(1.01);
  }

  @Test
  void endsAreSafe() {
    float[] x = new float[Lanes.L];
    x[0] = Float.NEGATIVE_INFINITY;
    x[1] = Float.POSITIVE_INFINITY;
    x[2] = Float.NaN;
    x[3] = -0f;
    float[] y = exp(x);
    assertThat(y[0]).isZero();
    assertThat(y[1]).isFinite().isGreaterThan(2e38f);
    assertThat(y[2]).isNaN();
    assertThat(y[3]).isOne();
  }

  @Test
  void geluIsRelativelyExact() {
    Scratch scratch = new Scratch();
    double worst = 0;
    float[] x = new float[1];
    float[] y = new float[1];
    for (float v = -9; v < 9; v += 0.0007f) {
      x[0] = v;
      Gelu.forward(x, 0, y, 0, 1, scratch);
      double u = SLOPE * (v + 0.044715 * v * v * v);
      double exact = v / (1 + Math.exp(-u));
      worst = Math.max(worst, v == 0 ? 0 : Math.abs(y[0] / exact - 1));
    }
    assertThat(worst).isLessThan(1.5e-5); // where e⁻²ᵘ is as large as 10¹⁷
  }

  private static float[] exp(float[] x) {
    float[] y = new float[Lanes.L];
    Exp.exp(FloatVector.fromArray(Lanes.F, x, 0)).intoArray(y, 0);
    return y;
  }
}
