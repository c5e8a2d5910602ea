package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.I;
import static org.mobilefinetuner.vector.Lanes.L;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Moves that fill the groups of four rows of {@link Pack}. */
final class Quads {
  private static final VectorSpecies<Float> QUAD = FloatVector.SPECIES_128;

  private static final IntVector ZIP_LOW = lanes(i -> i / 2 + (i % 2) * L);
  private static final IntVector ZIP_HIGH = lanes(i -> L / 2 + i / 2 + (i % 2) * L);
  private static final IntVector PAIRS_LOW = lanes(i -> i / 4 * 2 + i % 2 + (i % 4 / 2) * L);
  private static final IntVector PAIRS_HIGH =
      lanes(i -> L / 2 + i / 4 * 2 + i % 2 + (i % 4 / 2) * L);

  private Quads() {}

  private static IntVector lanes(IntUnaryOperator index) {
    int[] lanes = new int[L];
    Arrays.setAll(lanes, index);
    return IntVector.fromArray(I, lanes, 0);
  }

  /** Interleaves L values of each of four rows, {@code ld} apart: the first of each row first. */
  static void interleave(float[] a, int ao, int ld, float[] to, int at) {
    IntVector r0 = get(a, ao);
    IntVector r1 = get(a, ao + ld);
    IntVector r2 = get(a, ao + 2 * ld);
    IntVector r3 = get(a, ao + 3 * ld);
    IntVector low01 = ZIP_LOW.selectFrom(r0, r1);
    IntVector high01 = ZIP_HIGH.selectFrom(r0, r1);
    IntVector low23 = ZIP_LOW.selectFrom(r2, r3);
    IntVector high23 = ZIP_HIGH.selectFrom(r2, r3);
    put(PAIRS_LOW.selectFrom(low01, low23), to, at);
    put(PAIRS_HIGH.selectFrom(low01, low23), to, at + L);
    put(PAIRS_LOW.selectFrom(high01, high23), to, at + 2 * L);
    put(PAIRS_HIGH.selectFrom(high01, high23), to, at + 3 * L);
  }

  /** Spreads 16 values of each of {@code kc} rows over four groups, {@code step} apart. */
  static void spread(float[] a, int ao, int ld, int kc, float[] to, int at, int step) {
    for (int p = 0; p < kc; p++) {
      int from = ao + p * ld;
      int o = at + 4 * p;
      FloatVector.fromArray(QUAD, a, from).intoArray(to, o);
      FloatVector.fromArray(QUAD, a, from + 4).intoArray(to, o + step);
      FloatVector.fromArray(QUAD, a, from + 8).intoArray(to, o + 2 * step);
      FloatVector.fromArray(QUAD, a, from + 12).intoArray(to, o + 3 * step);
    }
  }

  private static IntVector get(float[] a, int o) {
    return FloatVector.fromArray(F, a, o).reinterpretAsInts();
  }

  private static void put(IntVector v, float[] to, int o) {
    v.reinterpretAsFloats().intoArray(to, o);
  }
}
