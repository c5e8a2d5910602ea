// Written by tools/kernels/Generate.java
package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost loop of every product: a tile of C, held in registers, over one chunk of K.
 *
 * <p>A is packed in groups of four rows, B in panels of a few vectors, both with K as the slow
 * dimension (see {@link Pack}). Every element of the tile is summed on its own, from the first
 * product to the last: its bits depend neither on the tile's size nor on its neighbours.
 *
 * <p>{@code kc}: length of the chunk. {@code ao}: where the first group of A starts; the next is
 * {@code as} further. {@code bo}: where the panel of B starts. The tile is written to {@code c},
 * row after row. (To add it to the matrix here would save 1 %, but 24 times the code of an addition
 * is more than the compiler inlines, and then the sums are boxed.)
 */
final class MicroKernel {
  private MicroKernel() {}

  /** Runs the tile of {@code groups} times four rows and {@code vectors} vectors. */
  static void run(
      int groups, int vectors, int kc, float[] a, int ao, int as, float[] b, int bo, float[] c) {
    switch (vectors * 4 + groups) {
      case 11 -> tile12x2(kc, a, ao, as, b, bo, c);
      case 10 -> tile8x2(kc, a, ao, as, b, bo, c);
      case 9 -> tile4x2(kc, a, ao, b, bo, c);
      case 7 -> tile12x1(kc, a, ao, as, b, bo, c);
      case 6 -> tile8x1(kc, a, ao, as, b, bo, c);
      case 5 -> tile4x1(kc, a, ao, b, bo, c);
      case 14 -> tile8x3(kc, a, ao, as, b, bo, c);
      case 13 -> tile4x3(kc, a, ao, b, bo, c);
      default -> throw new IllegalArgumentException("no tile of " + groups + "x" + vectors);
    }
  }

  private static void tile12x2(int kc, float[] a, int ao, int as, float[] b, int bo, float[] c) {
    FloatVector c0_0 = FloatVector.zero(F);
    FloatVector c0_1 = FloatVector.zero(F);
    FloatVector c1_0 = FloatVector.zero(F);
    FloatVector c1_1 = FloatVector.zero(F);
    FloatVector c2_0 = FloatVector.zero(F);
    FloatVector c2_1 = FloatVector.zero(F);
    FloatVector c3_0 = FloatVector.zero(F);
    FloatVector c3_1 = FloatVector.zero(F);
    FloatVector c4_0 = FloatVector.zero(F);
    FloatVector c4_1 = FloatVector.zero(F);
    FloatVector c5_0 = FloatVector.zero(F);
    FloatVector c5_1 = FloatVector.zero(F);
    FloatVector c6_0 = FloatVector.zero(F);
    FloatVector c6_1 = FloatVector.zero(F);
    FloatVector c7_0 = FloatVector.zero(F);
    FloatVector c7_1 = FloatVector.zero(F);
    FloatVector c8_0 = FloatVector.zero(F);
    FloatVector c8_1 = FloatVector.zero(F);
    FloatVector c9_0 = FloatVector.zero(F);
    FloatVector c9_1 = FloatVector.zero(F);
    FloatVector c10_0 = FloatVector.zero(F);
    FloatVector c10_1 = FloatVector.zero(F);
    FloatVector c11_0 = FloatVector.zero(F);
    FloatVector c11_1 = FloatVector.zero(F);
    for (int p = 0; p < kc; p++) {
      int i0 = ao + 4 * p;
      int i1 = i0 + as;
      int i2 = i1 + as;
      int j = bo + p * (2 * L);
      FloatVector b0 = FloatVector.fromArray(F, b, j + 0 * L);
      FloatVector b1 = FloatVector.fromArray(F, b, j + 1 * L);
      FloatVector a0 = FloatVector.broadcast(F, a[i0 + 0]);
      c0_0 = a0.fma(b0, c0_0);
      c0_1 = a0.fma(b1, c0_1);
      FloatVector a1 = FloatVector.broadcast(F, a[i0 + 1]);
      c1_0 = a1.fma(b0, c1_0);
      c1_1 = a1.fma(b1, c1_1);
      FloatVector a2 = FloatVector.broadcast(F, a[i0 + 2]);
      c2_0 = a2.fma(b0, c2_0);
      c2_1 = a2.fma(b1, c2_1);
      FloatVector a3 = FloatVector.broadcast(F, a[i0 + 3]);
      c3_0 = a3.fma(b0, c3_0);
      c3_1 = a3.fma(b1, c3_1);
      FloatVector a4 = FloatVector.broadcast(F, a[i1 + 0]);
      c4_0 = a4.fma(b0, c4_0);
      c4_1 = a4.fma(b1, c4_1);
      FloatVector a5 = FloatVector.broadcast(F, a[i1 + 1]);
      c5_0 = a5.fma(b0, c5_0);
      c5_1 = a5.fma(b1, c5_1);
      FloatVector a6 = FloatVector.broadcast(F, a[i1 + 2]);
      c6_0 = a6.fma(b0, c6_0);
      c6_1 = a6.fma(b1, c6_1);
      FloatVector a7 = FloatVector.broadcast(F, a[i1 + 3]);
      c7_0 = a7.fma(b0, c7_0);
      c7_1 = a7.fma(b1, c7_1);
      FloatVector a8 = FloatVector.broadcast(F, a[i2 + 0]);
      c8_0 = a8.fma(b0, c8_0);
      c8_1 = a8.fma(b1, c8_1);
      FloatVector a9 = FloatVector.broadcast(F, a[i2 + 1]);
      c9_0 = a9.fma(b0, c9_0);
      c9_1 = a9.fma(b1, c9_1);
      FloatVector a10 = FloatVector.broadcast(F, a[i2 + 2]);
      c10_0 = a10.fma(b0, c10_0);
      c10_1 = a10.fma(b1, c10_1);
      FloatVector a11 = FloatVector.broadcast(F, a[i2 + 3]);
      c11_0 = a11.fma(b0, c11_0);
      c11_1 = a11.fma(b1, c11_1);
    }
    c0_0.intoArray(c, 0 * L);
    c0_1.intoArray(c, 1 * L);
    c1_0.intoArray(c, 2 * L);
    c1_1.intoArray(c, 3 * L);
    c2_0.intoArray(c, 4 * L);
    c2_1.intoArray(c, 5 * L);
    c3_0.intoArray(c, 6 * L);
    c3_1.intoArray(c, 7 * L);
    c4_0.intoArray(c, 8 * L);
    c4_1.intoArray(c, 9 * L);
    c5_0.intoArray(c, 10 * L);
    c5_1.intoArray(c, 11 * L);
    c6_0.intoArray(c, 12 * L);
    c6_1.intoArray(c, 13 * L);
    c7_0.intoArray(c, 14 * L);
    c7_1.intoArray(c, 15 * L);
    c8_0.intoArray(c, 16 * L);
    c8_1.intoArray(c, 17 * L);
    c9_0.intoArray(c, 18 * L);
    c9_1.intoArray(c, 19 * L);
    c10_0.intoArray(c, 20 * L);
    c10_1.intoArray(c, 21 * L);
    c11_0.intoArray(c, 22 * L);
    c11_1.intoArray(c, 23 * L);
  }

  private static void tile8x2(int kc, float[] a, int ao, int as, float[] b, int bo, float[] c) {
    FloatVector c0_0 = FloatVector.zero(F);
    FloatVector c0_1 = FloatVector.zero(F);
    FloatVector c1_0 = FloatVector.zero(F);
    FloatVector c1_1 = FloatVector.zero(F);
    FloatVector c2_0 = FloatVector.zero(F);
    FloatVector c2_1 = FloatVector.zero(F);
    FloatVector c3_0 = FloatVector.zero(F);
    FloatVector c3_1 = FloatVector.zero(F);
    FloatVector c4_0 = FloatVector.zero(F);
    FloatVector c4_1 = FloatVector.zero(F);
    FloatVector c5_0 = FloatVector.zero(F);
    FloatVector c5_1 = FloatVector.zero(F);
    FloatVector c6_0 = FloatVector.zero(F);
    FloatVector c6_1 = FloatVector.zero(F);
    FloatVector c7_0 = FloatVector.zero(F);
    FloatVector c7_1 = FloatVector.zero(F);
    for (int p = 0; p < kc; p++) {
      int i0 = ao + 4 * p;
      int i1 = i0 + as;
      int j = bo + p * (2 * L);
      FloatVector b0 = FloatVector.fromArray(F, b, j + 0 * L);
      FloatVector b1 = FloatVector.fromArray(F, b, j + 1 * L);
      FloatVector a0 = FloatVector.broadcast(F, a[i0 + 0]);
      c0_0 = a0.fma(b0, c0_0);
      c0_1 = a0.fma(b1, c0_1);
      FloatVector a1 = FloatVector.broadcast(F, a[i0 + 1]);
      c1_0 = a1.fma(b0, c1_0);
      c1_1 = a1.fma(b1, c1_1);
      FloatVector a2 = FloatVector.broadcast(F, a[i0 + 2]);
      c2_0 = a2.fma(b0, c2_0);
      c2_1 = a2.fma(b1, c2_1);
      FloatVector a3 = FloatVector.broadcast(F, a[i0 + 3]);
      c3_0 = a3.fma(b0, c3_0);
      c3_1 = a3.fma(b1, c3_1);
      FloatVector a4 = FloatVector.broadcast(F, a[i1 + 0]);
      c4_0 = a4.fma(b0, c4_0);
      c4_1 = a4.fma(b1, c4_1);
      FloatVector a5 = FloatVector.broadcast(F, a[i1 + 1]);
      c5_0 = a5.fma(b0, c5_0);
      c5_1 = a5.fma(b1, c5_1);
      FloatVector a6 = FloatVector.broadcast(F, a[i1 + 2]);
      c6_0 = a6.fma(b0, c6_0);
      c6_1 = a6.fma(b1, c6_1);
      FloatVector a7 = FloatVector.broadcast(F, a[i1 + 3]);
      c7_0 = a7.fma(b0, c7_0);
      c7_1 = a7.fma(b1, c7_1);
    }
    c0_0.intoArray(c, 0 * L);
    c0_1.intoArray(c, 1 * L);
    c1_0.intoArray(c, 2 * L);
    c1_1.intoArray(c, 3 * L);
    c2_0.intoArray(c, 4 * L);
    c2_1.intoArray(c, 5 * L);
    c3_0.intoArray(c, 6 * L);
    c3_1.intoArray(c, 7 * L);
    c4_0.intoArray(c, 8 * L);
    c4_1.intoArray(c, 9 * L);
    c5_0.intoArray(c, 10 * L);
    c5_1.intoArray(c, 11 * L);
    c6_0.intoArray(c, 12 * L);
    c6_1.intoArray(c, 13 * L);
    c7_0.intoArray(c, 14 * L);
    c7_1.intoArray(c, 15 * L);
  }

  private static void tile4x2(int kc, float[] a, int ao, float[] b, int bo, float[] c) {
    FloatVector c0_0 = FloatVector.zero(F);
    FloatVector c0_1 = FloatVector.zero(F);
    FloatVector c1_0 = FloatVector.zero(F);
    FloatVector c1_1 = FloatVector.zero(F);
    FloatVector c2_0 = FloatVector.zero(F);
    FloatVector c2_1 = FloatVector.zero(F);
    FloatVector c3_0 = FloatVector.zero(F);
    FloatVector c3_1 = FloatVector.zero(F);
    for (int p = 0; p < kc; p++) {
      int i0 = ao + 4 * p;
      int j = bo + p * (2 * L);
      FloatVector b0 = FloatVector.fromArray(F, b, j + 0 * L);
      FloatVector b1 = FloatVector.fromArray(F, b, j + 1 * L);
      FloatVector a0 = FloatVector.broadcast(F, a[i0 + 0]);
      c0_0 = a0.fma(b0, c0_0);
      c0_1 = a0.fma(b1, c0_1);
      FloatVector a1 = FloatVector.broadcast(F, a[i0 + 1]);
      c1_0 = a1.fma(b0, c1_0);
      c1_1 = a1.fma(b1, c1_1);
      FloatVector a2 = FloatVector.broadcast(F, a[i0 + 2]);
      c2_0 = a2.fma(b0, c2_0);
      c2_1 = a2.fma(b1, c2_1);
      FloatVector a3 = FloatVector.broadcast(F, a[i0 + 3]);
      c3_0 = a3.fma(b0, c3_0);
      c3_1 = a3.fma(b1, c3_1);
    }
    c0_0.intoArray(c, 0 * L);
    c0_1.intoArray(c, 1 * L);
    c1_0.intoArray(c, 2 * L);
    c1_1.intoArray(c, 3 * L);
    c2_0.intoArray(c, 4 * L);
    c2_1.intoArray(c, 5 * L);
    c3_0.intoArray(c, 6 * L);
    c3_1.intoArray(c, 7 * L);
  }

  private static void tile12x1(int kc, float[] a, int ao, int as, float[] b, int bo, float[] c) {
    FloatVector c0_0 = FloatVector.zero(F);
    FloatVector c1_0 = FloatVector.zero(F);
    FloatVector c2_0 = FloatVector.zero(F);
    FloatVector c3_0 = FloatVector.zero(F);
    FloatVector c4_0 = FloatVector.zero(F);
    FloatVector c5_0 = FloatVector.zero(F);
    FloatVector c6_0 = FloatVector.zero(F);
    FloatVector c7_0 = FloatVector.zero(F);
    FloatVector c8_0 = FloatVector.zero(F);
    FloatVector c9_0 = FloatVector.zero(F);
    FloatVector c10_0 = FloatVector.zero(F);
    FloatVector c11_0 = FloatVector.zero(F);
    for (int p = 0; p < kc; p++) {
      int i0 = ao + 4 * p;
      int i1 = i0 + as;
      int i2 = i1 + as;
      int j = bo + p * (1 * L);
      FloatVector b0 = FloatVector.fromArray(F, b, j + 0 * L);
      FloatVector a0 = FloatVector.broadcast(F, a[i0 + 0]);
      c0_0 = a0.fma(b0, c0_0);
      FloatVector a1 = FloatVector.broadcast(F, a[i0 + 1]);
      c1_0 = a1.fma(b0, c1_0);
      FloatVector a2 = FloatVector.broadcast(F, a[i0 + 2]);
      c2_0 = a2.fma(b0, c2_0);
      FloatVector a3 = FloatVector.broadcast(F, a[i0 + 3]);
      c3_0 = a3.fma(b0, c3_0);
      FloatVector a4 = FloatVector.broadcast(F, a[i1 + 0]);
      c4_0 = a4.fma(b0, c4_0);
      FloatVector a5 = FloatVector.broadcast(F, a[i1 + 1]);
      c5_0 = a5.fma(b0, c5_0);
      FloatVector a6 = FloatVector.broadcast(F, a[i1 + 2]);
      c6_0 = a6.fma(b0, c6_0);
      FloatVector a7 = FloatVector.broadcast(F, a[i1 + 3]);
      c7_0 = a7.fma(b0, c7_0);
      FloatVector a8 = FloatVector.broadcast(F, a[i2 + 0]);
      c8_0 = a8.fma(b0, c8_0);
      FloatVector a9 = FloatVector.broadcast(F, a[i2 + 1]);
      c9_0 = a9.fma(b0, c9_0);
      FloatVector a10 = FloatVector.broadcast(F, a[i2 + 2]);
      c10_0 = a10.fma(b0, c10_0);
      FloatVector a11 = FloatVector.broadcast(F, a[i2 + 3]);
      c11_0 = a11.fma(b0, c11_0);
    }
    c0_0.intoArray(c, 0 * L);
    c1_0.intoArray(c, 1 * L);
    c2_0.intoArray(c, 2 * L);
    c3_0.intoArray(c, 3 * L);
    c4_0.intoArray(c, 4 * L);
    c5_0.intoArray(c, 5 * L);
    c6_0.intoArray(c, 6 * L);
    c7_0.intoArray(c, 7 * L);
    c8_0.intoArray(c, 8 * L);
    c9_0.intoArray(c, 9 * L);
    c10_0.intoArray(c, 10 * L);
    c11_0.intoArray(c, 11 * L);
  }

  private static void tile8x1(int kc, float[] a, int ao, int as, float[] b, int bo, float[] c) {
    FloatVector c0_0 = FloatVector.zero(F);
    FloatVector c1_0 = FloatVector.zero(F);
    FloatVector c2_0 = FloatVector.zero(F);
    FloatVector c3_0 = FloatVector.zero(F);
    FloatVector c4_0 = FloatVector.zero(F);
    FloatVector c5_0 = FloatVector.zero(F);
    FloatVector c6_0 = FloatVector.zero(F);
    FloatVector c7_0 = FloatVector.zero(F);
    for (int p = 0; p < kc; p++) {
      int i0 = ao + 4 * p;
      int i1 = i0 + as;
      int j = bo + p * (1 * L);
      FloatVector b0 = FloatVector.fromArray(F, b, j + 0 * L);
      FloatVector a0 = FloatVector.broadcast(F, a[i0 + 0]);
      c0_0 = a0.fma(b0, c0_0);
      FloatVector a1 = FloatVector.broadcast(F, a[i0 + 1]);
      c1_0 = a1.fma(b0, c1_0);
      FloatVector a2 = FloatVector.broadcast(F, a[i0 + 2]);
      c2_0 = a2.fma(b0, c2_0);
      FloatVector a3 = FloatVector.broadcast(F, a[i0 + 3]);
      c3_0 = a3.fma(b0, c3_0);
      FloatVector a4 = FloatVector.broadcast(F, a[i1 + 0]);
      c4_0 = a4.fma(b0, c4_0);
      FloatVector a5 = FloatVector.broadcast(F, a[i1 + 1]);
      c5_0 = a5.fma(b0, c5_0);
      FloatVector a6 = FloatVector.broadcast(F, a[i1 + 2]);
      c6_0 = a6.fma(b0, c6_0);
      FloatVector a7 = FloatVector.broadcast(F, a[i1 + 3]);
      c7_0 = a7.fma(b0, c7_0);
    }
    c0_0.intoArray(c, 0 * L);
    c1_0.intoArray(c, 1 * L);
    c2_0.intoArray(c, 2 * L);
    c3_0.intoArray(c, 3 * L);
    c4_0.intoArray(c, 4 * L);
    c5_0.intoArray(c, 5 * L);
    c6_0.intoArray(c, 6 * L);
    c7_0.intoArray(c, 7 * L);
  }

  private static void tile4x1(int kc, float[] a, int ao, float[] b, int bo, float[] c) {
    FloatVector c0_0 = FloatVector.zero(F);
    FloatVector c1_0 = FloatVector.zero(F);
    FloatVector c2_0 = FloatVector.zero(F);
    FloatVector c3_0 = FloatVector.zero(F);
    for (int p = 0; p < kc; p++) {
      int i0 = ao + 4 * p;
      int j = bo + p * (1 * L);
      FloatVector b0 = FloatVector.fromArray(F, b, j + 0 * L);
      FloatVector a0 = FloatVector.broadcast(F, a[i0 + 0]);
      c0_0 = a0.fma(b0, c0_0);
      FloatVector a1 = FloatVector.broadcast(F, a[i0 + 1]);
      c1_0 = a1.fma(b0, c1_0);
      FloatVector a2 = FloatVector.broadcast(F, a[i0 + 2]);
      c2_0 = a2.fma(b0, c2_0);
      FloatVector a3 = FloatVector.broadcast(F, a[i0 + 3]);
      c3_0 = a3.fma(b0, c3_0);
    }
    c0_0.intoArray(c, 0 * L);
    c1_0.intoArray(c, 1 * L);
    c2_0.intoArray(c, 2 * L);
    c3_0.intoArray(c, 3 * L);
  }

  private static void tile8x3(int kc, float[] a, int ao, int as, float[] b, int bo, float[] c) {
    FloatVector c0_0 = FloatVector.zero(F);
    FloatVector c0_1 = FloatVector.zero(F);
    FloatVector c0_2 = FloatVector.zero(F);
    FloatVector c1_0 = FloatVector.zero(F);
    FloatVector c1_1 = FloatVector.zero(F);
    FloatVector c1_2 = FloatVector.zero(F);
    FloatVector c2_0 = FloatVector.zero(F);
    FloatVector c2_1 = FloatVector.zero(F);
    FloatVector c2_2 = FloatVector.zero(F);
    FloatVector c3_0 = FloatVector.zero(F);
    FloatVector c3_1 = FloatVector.zero(F);
    FloatVector c3_2 = FloatVector.zero(F);
    FloatVector c4_0 = FloatVector.zero(F);
    FloatVector c4_1 = FloatVector.zero(F);
    FloatVector c4_2 = FloatVector.zero(F);
    FloatVector c5_0 = FloatVector.zero(F);
    FloatVector c5_1 = FloatVector.zero(F);
    FloatVector c5_2 = FloatVector.zero(F);
    FloatVector c6_0 = FloatVector.zero(F);
    FloatVector c6_1 = FloatVector.zero(F);
    FloatVector c6_2 = FloatVector.zero(F);
    FloatVector c7_0 = FloatVector.zero(F);
    FloatVector c7_1 = FloatVector.zero(F);
    FloatVector c7_2 = FloatVector.zero(F);
    for (int p = 0; p < kc; p++) {
      int i0 = ao + 4 * p;
      int i1 = i0 + as;
      int j = bo + p * (3 * L);
      FloatVector b0 = FloatVector.fromArray(F, b, j + 0 * L);
      FloatVector b1 = FloatVector.fromArray(F, b, j + 1 * L);
      FloatVector b2 = FloatVector.fromArray(F, b, j + 2 * L);
      FloatVector a0 = FloatVector.broadcast(F, a[i0 + 0]);
      c0_0 = a0.fma(b0, c0_0);
      c0_1 = a0.fma(b1, c0_1);
      c0_2 = a0.fma(b2, c0_2);
      FloatVector a1 = FloatVector.broadcast(F, a[i0 + 1]);
      c1_0 = a1.fma(b0, c1_0);
      c1_1 = a1.fma(b1, c1_1);
      c1_2 = a1.fma(b2, c1_2);
      FloatVector a2 = FloatVector.broadcast(F, a[i0 + 2]);
      c2_0 = a2.fma(b0, c2_0);
      c2_1 = a2.fma(b1, c2_1);
      c2_2 = a2.fma(b2, c2_2);
      FloatVector a3 = FloatVector.broadcast(F, a[i0 + 3]);
      c3_0 = a3.fma(b0, c3_0);
      c3_1 = a3.fma(b1, c3_1);
      c3_2 = a3.fma(b2, c3_2);
      FloatVector a4 = FloatVector.broadcast(F, a[i1 + 0]);
      c4_0 = a4.fma(b0, c4_0);
      c4_1 = a4.fma(b1, c4_1);
      c4_2 = a4.fma(b2, c4_2);
      FloatVector a5 = FloatVector.broadcast(F, a[i1 + 1]);
      c5_0 = a5.fma(b0, c5_0);
      c5_1 = a5.fma(b1, c5_1);
      c5_2 = a5.fma(b2, c5_2);
      FloatVector a6 = FloatVector.broadcast(F, a[i1 + 2]);
      c6_0 = a6.fma(b0, c6_0);
      c6_1 = a6.fma(b1, c6_1);
      c6_2 = a6.fma(b2, c6_2);
      FloatVector a7 = FloatVector.broadcast(F, a[i1 + 3]);
      c7_0 = a7.fma(b0, c7_0);
      c7_1 = a7.fma(b1, c7_1);
      c7_2 = a7.fma(b2, c7_2);
    }
    c0_0.intoArray(c, 0 * L);
    c0_1.intoArray(c, 1 * L);
    c0_2.intoArray(c, 2 * L);
    c1_0.intoArray(c, 3 * L);
    c1_1.intoArray(c, 4 * L);
    c1_2.intoArray(c, 5 * L);
    c2_0.intoArray(c, 6 * L);
    c2_1.intoArray(c, 7 * L);
    c2_2.intoArray(c, 8 * L);
    c3_0.intoArray(c, 9 * L);
    c3_1.intoArray(c, 10 * L);
    c3_2.intoArray(c, 11 * L);
    c4_0.intoArray(c, 12 * L);
    c4_1.intoArray(c, 13 * L);
    c4_2.intoArray(c, 14 * L);
    c5_0.intoArray(c, 15 * L);
    c5_1.intoArray(c, 16 * L);
    c5_2.intoArray(c, 17 * L);
    c6_0.intoArray(c, 18 * L);
    c6_1.intoArray(c, 19 * L);
    c6_2.intoArray(c, 20 * L);
    c7_0.intoArray(c, 21 * L);
    c7_1.intoArray(c, 22 * L);
    c7_2.intoArray(c, 23 * L);
  }

  private static void tile4x3(int kc, float[] a, int ao, float[] b, int bo, float[] c) {
    FloatVector c0_0 = FloatVector.zero(F);
    FloatVector c0_1 = FloatVector.zero(F);
    FloatVector c0_2 = FloatVector.zero(F);
    FloatVector c1_0 = FloatVector.zero(F);
    FloatVector c1_1 = FloatVector.zero(F);
    FloatVector c1_2 = FloatVector.zero(F);
    FloatVector c2_0 = FloatVector.zero(F);
    FloatVector c2_1 = FloatVector.zero(F);
    FloatVector c2_2 = FloatVector.zero(F);
    FloatVector c3_0 = FloatVector.zero(F);
    FloatVector c3_1 = FloatVector.zero(F);
    FloatVector c3_2 = FloatVector.zero(F);
    for (int p = 0; p < kc; p++) {
      int i0 = ao + 4 * p;
      int j = bo + p * (3 * L);
      FloatVector b0 = FloatVector.fromArray(F, b, j + 0 * L);
      FloatVector b1 = FloatVector.fromArray(F, b, j + 1 * L);
      FloatVector b2 = FloatVector.fromArray(F, b, j + 2 * L);
      FloatVector a0 = FloatVector.broadcast(F, a[i0 + 0]);
      c0_0 = a0.fma(b0, c0_0);
      c0_1 = a0.fma(b1, c0_1);
      c0_2 = a0.fma(b2, c0_2);
      FloatVector a1 = FloatVector.broadcast(F, a[i0 + 1]);
      c1_0 = a1.fma(b0, c1_0);
      c1_1 = a1.fma(b1, c1_1);
      c1_2 = a1.fma(b2, c1_2);
      FloatVector a2 = FloatVector.broadcast(F, a[i0 + 2]);
      c2_0 = a2.fma(b0, c2_0);
      c2_1 = a2.fma(b1, c2_1);
      c2_2 = a2.fma(b2, c2_2);
      FloatVector a3 = FloatVector.broadcast(F, a[i0 + 3]);
      c3_0 = a3.fma(b0, c3_0);
      c3_1 = a3.fma(b1, c3_1);
      c3_2 = a3.fma(b2, c3_2);
    }
    c0_0.intoArray(c, 0 * L);
    c0_1.intoArray(c, 1 * L);
    c0_2.intoArray(c, 2 * L);
    c1_0.intoArray(c, 3 * L);
    c1_1.intoArray(c, 4 * L);
    c1_2.intoArray(c, 5 * L);
    c2_0.intoArray(c, 6 * L);
    c2_1.intoArray(c, 7 * L);
    c2_2.intoArray(c, 8 * L);
    c3_0.intoArray(c, 9 * L);
    c3_1.intoArray(c, 10 * L);
    c3_2.intoArray(c, 11 * L);
  }
}
