package org.mobilefinetuner.vector;

/** The working arrays of one thread: made when first needed, grown when too small, never freed. */
final class Scratch {
  static final int PANELS = 0;
  static final int DECODED = 1;
  static final int ROW = 2;
  static final int KEYS = 3;
  static final int VALUES = 4;
  static final int KEY_ROWS = 5;
  static final int QUERIES = 6;
  static final int QUERY_ROWS = 7;
  static final int SCORES = 8;
  static final int PROBABILITIES = 9;
  static final int OUTPUT = 10;
  static final int GRADIENTS = 11;
  static final int GRADIENT_ROWS = 12;
  static final int SCORE_GRADIENTS = 13;
  static final int KEY_SUMS = 14;
  static final int VALUE_SUMS = 15;
  private static final int SLOTS = 16;

  /** A square of lanes, for the edges of matrices. */
  final float[] edge = new float[Lanes.L * Lanes.L];

  /** A square between two steps of its transposition. */
  final float[] square = new float[Lanes.L * Lanes.L];

  /** A tile of C that overhangs the matrix. */
  final float[] tile = new float[12 * 3 * Lanes.L];

  /** One vector's lanes. */
  final float[] lanes = new float[Lanes.L];

  /** A sum of values that were read for no other reason than to bring them near. */
  float touched;

  private final float[][] slots = new float[SLOTS][0];

  /** Array number {@code slot}, of at least {@code floats}; what it holds is left over. */
  float[] floats(int slot, int floats) {
    if (slots[slot].length < floats) {
      slots[slot] = new float[floats];
    }
    return slots[slot];
  }
}
