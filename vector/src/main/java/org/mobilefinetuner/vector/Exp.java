package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * eˣ from additions, products and fused products alone.
 *
 * <p>The library's own exponential gives other bits once a method has been compiled. This one
 * writes x as n·ln 2 + r with |r| ≤ ln 2 / 2 (Cody and Waite: Software manual for the elementary
 * functions, 1980), takes eʳ as 1 + r + r²·p(r), and puts n into the exponent. p is of degree 4,
 * fitted for the least relative error of eʳ, 3.1e-9. The error of the result is at most 1.01 ulp
 * for x in [-87.33, 88.37]; below it is 0, above it stays at e^88.37.
 */
final class Exp {
  static final float LOW = -87.33f;
  static final float HIGH = 88.37f;

  private static final float LOG2_E = 0x1.715476p0f;
  private static final float ROUND = 0x1.8p23f; // adding it leaves an integer in the low bits
  private static final float LN2_HIGH = 0x1.62ep-1f; // 12 bits: a multiple by n is exact
  private static final float LN2_LOW = 0x1.0bfbe8p-15f;

  private static final float P0 = 0x1.fffffcp-2f;
  private static final float P1 = 0x1.555492p-3f;
  private static final float P2 = 0x1.5558f2p-5f;
  private static final float P3 = 0x1.123a2p-7f;
  private static final float P4 = 0x1.6a23cep-10f;

  private Exp() {}

  static FloatVector exp(FloatVector x) {
    FloatVector bounded = x.blend(HIGH, x.compare(VectorOperators.GT, HIGH));
    FloatVector shifted = bounded.fma(splat(LOG2_E), splat(ROUND));
    FloatVector n = shifted.sub(ROUND);
    FloatVector r = n.fma(splat(-LN2_LOW), n.fma(splat(-LN2_HIGH), bounded));
    FloatVector p = splat(P4).fma(r, splat(P3));
    p = p.fma(r, splat(P2)).fma(r, splat(P1)).fma(r, splat(P0));
    p = p.fma(r.mul(r), r).add(1f);
    IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    FloatVector value = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    return value.blend(0f, x.compare(VectorOperators.LT, LOW));
  }

  private static FloatVector splat(float value) {
    return FloatVector.broadcast(F, value);
  }
}
