package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.I;
import static org.mobilefinetuner.vector.Lanes.L;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Transposes a square of L × L floats.
 *
 * <p>Step d exchanges, for all pairs of rows that are d apart, the blocks of d × d beside the
 * diagonal; after steps L/2, ..., 2, 1 the square is transposed. Four rows at a time take two steps
 * in registers; all sixteen at once are more than the compiler inlines.
 */
final class Transpose {
  private static final IntVector FAR_LOW = low(L / 2);
  private static final IntVector FAR_HIGH = high(L / 2);
  private static final IntVector NEAR_LOW = low(L / 4);
  private static final IntVector NEAR_HIGH = high(L / 4);
  private static final IntVector LOW2 = low(2);
  private static final IntVector HIGH2 = high(2);
  private static final IntVector LOW1 = low(1);
  private static final IntVector HIGH1 = high(1);

  private Transpose() {}

  /** The upper row of a pair after step d: its own blocks, and between them the lower row's. */
  private static IntVector low(int d) {
    int[] lanes = new int[L];
    Arrays.setAll(lanes, i -> (i & d) == 0 ? i : L + i - d);
    return IntVector.fromArray(I, lanes, 0);
  }

  /** The lower row of a pair after step d. */
  private static IntVector high(int d) {
    int[] lanes = new int[L];
    Arrays.setAll(lanes, i -> (i & d) == 0 ? i + d : L + i);
    return IntVector.fromArray(I, lanes, 0);
  }

  /**
   * Reads L rows, {@code ld} apart, from {@code from} at {@code o}; writes L rows, {@code width}
   * apart, to {@code to} at {@code at}. {@code square} is scratch of L·L.
   */
  static void run(float[] from, int o, int ld, float[] to, int at, int width, float[] square) {
    if (L == 4) {
      fine(from, o, ld, to, at, width);
      return;
    }
    for (int i = 0; i < L / 4; i++) {
      coarse(from, o + i * ld, L / 4 * ld, square, i * L);
    }
    if (L == 8) {
      for (int i = 0; i < L; i += 2) {
        pair(square, i * L, to, at + i * width, width);
      }
      return;
    }
    for (int i = 0; i < L; i += 4) {
      fine(square, i * L, L, to, at + i * width, width);
    }
  }

  /** Steps L/2 and L/4 for four rows that are L/4 apart. */
  private static void coarse(float[] from, int o, int ld, float[] square, int at) {
    IntVector r0 = get(from, o);
    IntVector r1 = get(from, o + ld);
    IntVector r2 = get(from, o + 2 * ld);
    IntVector r3 = get(from, o + 3 * ld);
    IntVector s0 = FAR_LOW.selectFrom(r0, r2);
    IntVector s2 = FAR_HIGH.selectFrom(r0, r2);
    IntVector s1 = FAR_LOW.selectFrom(r1, r3);
    IntVector s3 = FAR_HIGH.selectFrom(r1, r3);
    put(NEAR_LOW.selectFrom(s0, s1), square, at);
    put(NEAR_HIGH.selectFrom(s0, s1), square, at + L / 4 * L);
    put(NEAR_LOW.selectFrom(s2, s3), square, at + L / 2 * L);
    put(NEAR_HIGH.selectFrom(s2, s3), square, at + 3 * L / 4 * L);
  }

  /** Steps 2 and 1 for four neighbouring rows. */
  private static void fine(float[] from, int o, int ld, float[] to, int at, int width) {
    IntVector r0 = get(from, o);
    IntVector r1 = get(from, o + ld);
    IntVector r2 = get(from, o + 2 * ld);
    IntVector r3 = get(from, o + 3 * ld);
    IntVector s0 = LOW2.selectFrom(r0, r2);
    IntVector s2 = HIGH2.selectFrom(r0, r2);
    IntVector s1 = LOW2.selectFrom(r1, r3);
    IntVector s3 = HIGH2.selectFrom(r1, r3);
    put(LOW1.selectFrom(s0, s1), to, at);
    put(HIGH1.selectFrom(s0, s1), to, at + width);
    put(LOW1.selectFrom(s2, s3), to, at + 2 * width);
    put(HIGH1.selectFrom(s2, s3), to, at + 3 * width);
  }

  /** Step 1 for two neighbouring rows. */
  private static void pair(float[] square, int o, float[] to, int at, int width) {
    IntVector r0 = get(square, o);
    IntVector r1 = get(square, o + L);
    put(LOW1.selectFrom(r0, r1), to, at);
    put(HIGH1.selectFrom(r0, r1), to, at + width);
  }

  private static IntVector get(float[] from, int o) {
    return FloatVector.fromArray(F, from, o).reinterpretAsInts();
  }

  private static void put(IntVector row, float[] to, int o) {
    row.reinterpretAsFloats().intoArray(to, o);
  }
}
