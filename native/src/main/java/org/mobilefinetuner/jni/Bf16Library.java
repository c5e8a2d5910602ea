package org.mobilefinetuner.jni;

import org.jspecify.annotations.Nullable;

/** The functions of {@code bf16.h}, which only some of the libraries have. */
final class Bf16Library {
  private Bf16Library() {}

  /** The floats whose room {@code k} values of a row take when packed. */
  static native int depth(int k);

  static native void pack(
      float[] a, int at, int ld, boolean byColumns, int row, int count, int p, int k, long to);

  static native void multiply(
      long packed,
      int groups,
      float @Nullable [] b,
      int bAt,
      int bLd,
      int bRow,
      int bColumn,
      long matrix,
      boolean transposed,
      int column,
      int lastColumn,
      int p,
      int k,
      float[] c,
      int cAt,
      int cLd,
      boolean turned,
      float alpha,
      boolean add,
      int row,
      int lastRow,
      long scratch);
}
