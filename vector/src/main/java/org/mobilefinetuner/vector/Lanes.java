package org.mobilefinetuner.vector;

import jdk.incubator.vector.FloatVector;
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
    for (int i = 0; L >= 16 && i < 8; i++) {
      lanes[i] += lanes[i + 8];
    }
    for (int i = 0; L >= 8 && i < 4; i++) {
      lanes[i] += lanes[i + 4];
    }
    return lanes[0] + lanes[2] + (lanes[1] + lanes[3]);
  }

  /** The largest lane. */
  static float max(FloatVector v, float[] lanes) {
    v.intoArray(lanes, 0);
    for (int i = 0; L >= 16 && i < 8; i++) {
      lanes[i] = Math.max(lanes[i], lanes[i + 8]);
    }
    for (int i = 0; L >= 8 && i < 4; i++) {
      lanes[i] = Math.max(lanes[i], lanes[i + 4]);
    }
    return Math.max(Math.max(lanes[0], lanes[1]), Math.max(lanes[2], lanes[3]));
  }
}
