package org.mobilefinetuner.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors of this machine: their species, constant for the compiler, and sums over their lanes.
 *
 * <p>Lanes are summed in a fixed tree over an array and never with {@code reduceLanes}, whose order
 * changes when a method is compiled.
 */
final class Lanes {
  /** Forces the width: 128, 256 or 512 bits. */
  static final String BITS_PROPERTY = "mft.vector.bits";

  static final VectorSpecies<Float> F = VectorSpecies.of(float.class, shape());
  static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, shape());

  /** Floats in a vector. */
  static final int L = F.length();

  private Lanes() {}

  private static VectorShape shape() {
    Integer bits = Integer.getInteger(BITS_PROPERTY);
    VectorShape widest = FloatVector.SPECIES_PREFERRED.vectorShape();
    return bits == null ? widest : VectorShape.forBitSize(bits);
  }

  /** Σ of the lanes; {@code lanes} is scratch of at least L. */
  static float sum(FloatVector v, float[] lanes) {
    v.intoArray(lanes, 0);
    for (int half = L / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }

  /** The largest lane; NaN if there is one. */
  static float max(FloatVector v, float[] lanes) {
    v.intoArray(lanes, 0);
    float max = lanes[0];
    for (int i = 1; i < L; i++) {
      max = Math.max(max, lanes[i]);
    }
    return max;
  }

  /** The larger of each pair of lanes, and b's where one is NaN: one instruction, unlike max. */
  static FloatVector larger(FloatVector a, FloatVector b) {
    return b.blend(a, a.compare(VectorOperators.GT, b));
  }
}
