package org.mobilefinetuner.jni;

import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** What the factors of a product are rounded to before they are multiplied; sums are float32. */
@SuppressWarnings("ImmutableEnumChecker") // functions without state
enum Arithmetic {
  /** Nothing is rounded. */
  F32(k -> k, Library::packStrips, Library::packPanels, Library::multiply),

  /** bfloat16, with the processor's instructions for it. */
  BF16(Bf16Library::depth, Bf16Library::packStrips, Bf16Library::packPanels, Bf16Library::multiply);

  private final IntUnaryOperator depth;
  private final PackStrips packStrips;
  private final PackPanels packPanels;
  private final Multiply multiply;

  Arithmetic(
      IntUnaryOperator depth, PackStrips packStrips, PackPanels packPanels, Multiply multiply) {
    this.depth = depth;
    this.packStrips = packStrips;
    this.packPanels = packPanels;
    this.multiply = multiply;
  }

  /** The floats whose room {@code k} values of a row or column take when packed. */
  int depth(int k) {
    return depth.applyAsInt(k);
  }

  PackStrips packStrips() {
    return packStrips;
  }

  PackPanels packPanels() {
    return packPanels;
  }

  Multiply multiply() {
    return multiply;
  }

  /** {@link Library#packStrips}. */
  @FunctionalInterface
  interface PackStrips {
    void run(
        float[] a, int at, int ld, boolean byColumns, int row, int count, int p, int k, long to);
  }

  /** {@link Library#packPanels}. */
  @FunctionalInterface
  interface PackPanels {
    void run(
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
  }

  /** {@link Library#multiply}. */
  @FunctionalInterface
  interface Multiply {
    void run(
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
}
