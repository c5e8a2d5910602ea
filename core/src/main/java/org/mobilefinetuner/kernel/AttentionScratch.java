package org.mobilefinetuner.kernel;

import java.util.Arrays;
import org.mobilefinetuner.tensor.Window;

/**
 * What one thread needs for one key and value head of one sequence. It grows with the longest
 * sequence; rows beyond the sequence, up to a whole group of {@link RowSum}, hold zeros.
 */
final class AttentionScratch {
  /** [tokens][h] each. */
  float[][] keys = {};

  float[][] values = {};
  float[][] dKeys = {};
  float[][] dValues = {};

  /** [h][tokens] each. */
  float[][] keyColumns = {};

  float[][] valueColumns = {};

  /** Of one query over all tokens. */
  float[] scores = {};

  float[] dScores = {};

  /** Of a group of queries: [group][h] and, in one array, [group, tokens]. */
  float[][] queries = {};

  float[][] dOutputs = {};
  float[] weights = {};
  float[] dWeights = {};

  /** [h]. */
  float[] row = {};

  private int tokens;
  private int width;

  /**
   * Copies the keys and values of {@code length} tokens from row {@code start}, column by column
   * too.
   */
  void read(int h, int length, Window k, Window v, int start, int column) {
    reserve(h, length);
    for (int j = 0; j < length; j++) {
      System.arraycopy(k.data(), k.at(start + j) + column, keys[j], 0, h);
      System.arraycopy(v.data(), v.at(start + j) + column, values[j], 0, h);
      for (int c = 0; c < h; c++) {
        keyColumns[c][j] = keys[j][c];
        valueColumns[c][j] = values[j][c];
      }
    }
    for (int j = length; j < RowSum.padded(length); j++) {
      Arrays.fill(keys[j], 0);
      Arrays.fill(values[j], 0);
    }
  }

  void clearGradients(int length, int h) {
    if (dKeys.length < tokens || dKeys[0].length < width) {
      dKeys = new float[tokens][width];
      dValues = new float[tokens][width];
      queries = new float[RowSum.ROWS][width];
      dOutputs = new float[RowSum.ROWS][width];
      dScores = new float[tokens];
      weights = new float[RowSum.ROWS * tokens];
      dWeights = new float[RowSum.ROWS * tokens];
    }
    for (int j = 0; j < length; j++) {
      Arrays.fill(dKeys[j], 0, h, 0);
      Arrays.fill(dValues[j], 0, h, 0);
    }
  }

  void clearQueries(int length, int h) {
    for (int r = 0; r < RowSum.ROWS; r++) {
      Arrays.fill(queries[r], 0, h, 0);
      Arrays.fill(dOutputs[r], 0, h, 0);
    }
    Arrays.fill(weights, 0, RowSum.ROWS * length, 0);
    Arrays.fill(dWeights, 0, RowSum.ROWS * length, 0);
  }

  private void reserve(int h, int length) {
    if (length <= tokens && h == width) {
      return;
    }
    tokens = Math.max(tokens, RowSum.padded(length));
    width = h;
    keys = new float[tokens][h];
    values = new float[tokens][h];
    keyColumns = new float[RowSum.padded(h)][tokens];
    valueColumns = new float[RowSum.padded(h)][tokens];
    scores = new float[tokens];
    row = new float[h];
  }
}
