package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * eˣ and the logistic function, from additions, products and fused products alone.
 *
 * <p>The library's own exponential gives other bits once a method has been compiled. This one
 * writes x as n·ln 2 + r with |r| ≤ ln 2 / 2 (Cody and Waite: Software manual for the elementary
 * functions, 1980), takes eʳ from a polynomial (Moshier: Cephes, 1992) and puts n into the
 * exponent. The error is below 1 ulp for x in [-87.33, 88.37]; below it is 0, above it stays at
 * e^88.37.
 */
final class Exp {
  private static final float LOW = -87.33f;
  private static final float HIGH = 88.37f;
  private static final float LOG2_E = 1.44269504f;

  /** 1.5·2²³: adding it rounds to an integer and leaves that in the low bits. */
  private static final float ROUND = 12582912f;

  private static final float LN2_HIGH = 0.693359375f; // 9 bits: n·LN2_HIGH is exact
  private static final float LN2_LOW = -2.12194440e-4f;

  private Exp() {}

  static FloatVector exp(FloatVector x) {
    FloatVector bounded = x.blend(HIGH, x.compare(VectorOperators.GT, HIGH));
    FloatVector shifted = bounded.fma(splat(LOG2_E), splat(ROUND));
    FloatVector n = shifted.sub(ROUND);
    FloatVector r = n.fma(splat(-LN2_HIGH), bounded);
    r = n.fma(splat(-LN2_LOW), r);
    FloatVector p = splat(1.9875691500e-4f);
    p = p.fma(r, splat(1.3981999507e-3f));
    p = p.fma(r, splat(8.3334519073e-3f));
    p = p.fma(r, splat(4.1665795894e-2f));
    p = p.fma(r, splat(1.6666665459e-1f));
    p = p.fma(r, splat(5.0000001201e-1f));
    p = p.fma(r.mul(r), r).add(1f);
    IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    FloatVector value = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    return value.blend(0f, x.compare(VectorOperators.LT, LOW));
  }

  private static FloatVector splat(float value) {
    return FloatVector.broadcast(F, value);
  }
}
