package org.mobilefinetuner.tensor;

/**
 * How an operation works that can make a large result piece by piece.
 *
 * @param bytes of a piece at most, or a little more where a piece would be too small to be worth it
 * @param byColumns whether a piece has all rows and some columns, so that the weights are read once
 *     rather than for every piece, which may cost computing something twice; otherwise it has some
 *     rows and all columns
 */
public record Pieces(long bytes, boolean byColumns) {
  /** Pieces as large as an operation likes. */
  public static final Pieces LARGE = new Pieces(Long.MAX_VALUE, false);
}
