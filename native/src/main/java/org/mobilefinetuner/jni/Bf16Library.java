package org.mobilefinetuner.jni;

import org.jspecify.annotations.Nullable;

/** The functions of {@code bf16.h}, which only some of the libraries have. */
final class Bf16Library {
  private Bf16Library() {}

  /** The floats whose room {@code k} values of a row take when packed. */
  static native int depth(int k);

  static native void packStrips(
      float[] a, int at, int ld, boolean byColumns, int row, int count, int p, int k, long to);

  static native void packPanels(
      float @Nullable [] b,
      int bAt,
      int bLd,
      int bRow,
      int bColumn,
      long matrix,
      boolean transposed,
      int column,
      int count,
      int p,
      int k,
      long to,
      long scratch);

  static native void multiply(
      long strips,
      int rows,
      long panels,
      int columns,
      int depth,
      float[] c,
      int cAt,
      int cLd,
      boolean turned,
      float alpha,
      boolean add,
      int row,
      int column);
}
