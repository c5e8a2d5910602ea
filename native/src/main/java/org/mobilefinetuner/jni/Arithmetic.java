package org.mobilefinetuner.jni;

import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** What the factors of a product are rounded to before they are multiplied; sums are float32. */
enum Arithmetic {
  /** Nothing is rounded. */
  F32(k -> k, Library::pack, Library::multiply),

  /** bfloat16, with the processor's instructions for it. */
  BF16(Bf16Library::depth, Bf16Library::pack, Bf16Library::multiply);

  private final IntUnaryOperator depth;
  private final Pack pack;
  private final Multiply multiply;

  Arithmetic(IntUnaryOperator depth, Pack pack, Multiply multiply) {
    this.depth = depth;
    this.pack = pack;
    this.multiply = multiply;
  }

  /** The floats whose room {@code k} values of a row or column take when packed. */
  int depth(int k) {
    return depth.applyAsInt(k);
  }

  Pack pack() {
    return pack;
  }

  Multiply multiply() {
    return multiply;
  }

  /** {@link Library#pack}. */
  @FunctionalInterface
  interface Pack {
    void run(
        float[] a, int at, int ld, boolean byColumns, int row, int count, int p, int k, long to);
  }

  /** {@link Library#multiply}. */
  @FunctionalInterface
  interface Multiply {
    void run(
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
}
