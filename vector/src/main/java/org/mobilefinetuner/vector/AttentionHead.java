package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;
import static org.mobilefinetuner.vector.Pack.roundUp;
import static org.mobilefinetuner.vector.Product.WIDTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.tensor.Window;

/**
 * What the forward and the backward pass of attention share: the scores of a tile of neighbouring
 * queries with all keys that one of them sees.
 *
 * <p>Tokens are counted from the start of their sequence. A tile's first key is rounded down to
 * whole panels, so that what is summed for one query does not depend on its tile.
 */
final class AttentionHead {
  /** Queries of a tile. */
  static final int TILE = 48;

  private AttentionHead() {}

  /** The first key of a tile that begins with query {@code i}. */
  static int firstKey(AttentionShape shape, int i) {
    return shape.firstSeen(i) / WIDTH * WIDTH;
  }

  /** Floats from one group of packed rows of {@code k} values to the next. */
  static int groupStep(int k) {
    return 4 * roundUp(k, Pack.STEP);
  }

  /** Floats from one panel of {@code k} rows to the next. */
  static int panelStep(int k) {
    return WIDTH * roundUp(k, Pack.STEP);
  }

  /** Floats of panels that hold {@code n} columns of {@code k} values. */
  static int panels(int n, int k) {
    return roundUp(n, WIDTH) / WIDTH * panelStep(k);
  }

  /** The row length of a matrix of scores with {@code n} keys, room for whole tiles included. */
  static int scoreStride(int n) {
    return roundUp(n, WIDTH) + Pack.STEP;
  }

  /** Packs rows {@code from} to {@code to} of one head, as columns: panels of whole width. */
  static void packKeys(Window w, int column, int h, int from, int to, float[] panels, Scratch own) {
    for (int j = from, at = 0; j < to; j += WIDTH, at += panelStep(h)) {
      int some = Math.min(WIDTH, to - j);
      if (some < WIDTH) {
        Arrays.fill(panels, at, at + panelStep(h), 0);
      }
      Pack.transposed(w.data(), w.at(j) + column, w.stride(), some, h, panels, at, WIDTH, own);
    }
  }

  /** Packs rows {@code from} to {@code to} of one head, as rows. */
  static void packValues(Window w, int column, int h, int from, int to, float[] panels) {
    int step = panelStep(to - from);
    Pack.straight(w.data(), w.at(from) + column, w.stride(), h, to - from, panels, 0, WIDTH, step);
  }

  /** How much of a row of scores with {@code n} keys is worked on: whole vectors. */
  static int scoreWidth(int n) {
    return roundUp(n, Pack.STEP);
  }

  /** Scales a row of scores, of which only [from, to) counts: the others become -∞. */
  static void mask(float[] s, int at, int from, int to, int width, float scale) {
    for (int j = at; j < at + width; j += L) {
      FloatVector.fromArray(F, s, j).mul(scale).intoArray(s, j);
    }
    Arrays.fill(s, at, at + from, Float.NEGATIVE_INFINITY);
    Arrays.fill(s, at + to, at + width, Float.NEGATIVE_INFINITY);
  }
}
