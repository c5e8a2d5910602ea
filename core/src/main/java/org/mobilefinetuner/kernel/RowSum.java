package org.mobilefinetuner.kernel;

/**
 * The innermost loop of plain Java: a row plus four others, each multiplied by a number.
 *
 * <p>Every row is an array of its own and all are indexed by one variable. Only so does HotSpot
 * make vector instructions of the loop: with offsets it would have to know that the rows do not
 * overlap. With more than five rows the loop is too large for that on JDK 17.
 */
final class RowSum {
  /** Rows that are added in one pass. */
  static final int ROWS = 4;

  private RowSum() {}

  /**
   * sum[from..to) += Σ factors[at + r·stride]·rows[first + r][from..to), for r below {@code count}
   * of at most {@link #ROWS}. Rows beyond {@code count} have to hold zeros.
   */
  static void add(
      float[] sum,
      int from,
      int to,
      float[][] rows,
      int first,
      int count,
      float scale,
      float[] factors,
      int at,
      int stride) {
    float f0 = scale * factors[at];
    float f1 = count > 1 ? scale * factors[at + stride] : 0;
    float f2 = count > 2 ? scale * factors[at + 2 * stride] : 0;
    float f3 = count > 3 ? scale * factors[at + 3 * stride] : 0;
    add(
        sum,
        from,
        to,
        rows[first],
        rows[first + 1],
        rows[first + 2],
        rows[first + 3],
        f0,
        f1,
        f2,
        f3);
  }

  private static void add(
      float[] sum,
      int from,
      int to,
      float[] r0,
      float[] r1,
      float[] r2,
      float[] r3,
      float f0,
      float f1,
      float f2,
      float f3) {
    for (int j = from; j < to; j++) {
      sum[j] += f0 * r0[j] + f1 * r1[j] + f2 * r2[j] + f3 * r3[j];
    }
  }

  /** The least multiple of {@link #ROWS} that is not below {@code count}. */
  static int padded(int count) {
    return (count + ROWS - 1) / ROWS * ROWS;
  }
}
