package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.AttentionHead.TILE;
import static org.mobilefinetuner.vector.AttentionHead.firstKey;
import static org.mobilefinetuner.vector.AttentionHead.groupStep;
import static org.mobilefinetuner.vector.AttentionHead.panelStep;
import static org.mobilefinetuner.vector.AttentionHead.panels;
import static org.mobilefinetuner.vector.AttentionHead.scoreStride;
import static org.mobilefinetuner.vector.Lanes.L;
import static org.mobilefinetuner.vector.Pack.roundUp;
import static org.mobilefinetuner.vector.Product.WIDTH;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/**
 * y = softmax(scale·q·kᵀ)·v for the heads that share one key and value head, over a run of queries
 * of one sequence.
 *
 * <p>Keys and values are packed once; each head's queries go past them in tiles. What a query gets
 * has the same bits in any run and any tile, alone after a cache of keys or among a whole sequence.
 */
final class AttentionForward {
  private final AttentionShape shape;
  private final Window q;
  private final Window k;
  private final Window v;
  private final Tensor y;
  private final @Nullable Tensor lse;

  AttentionForward(
      AttentionShape shape, Window q, Window k, Window v, Tensor y, @Nullable Tensor lse) {
    this.shape = shape;
    this.q = q;
    this.k = k;
    this.v = v;
    this.y = y;
    this.lse = lse;
  }

  /**
   * Queries {@code from} to {@code to} of a sequence whose first key is in row {@code keyRow} and
   * whose first query is, or would be, in row {@code queryRow}.
   */
  void run(int kvHead, int from, int to, int keyRow, int queryRow, Scratch own) {
    int h = shape.width();
    int column = kvHead * h;
    int low = firstKey(shape, from);
    int keys = to - low;
    float[] pk = own.floats(Scratch.KEYS, panels(keys, h));
    float[] pv = own.floats(Scratch.VALUES, panels(h, keys));
    AttentionHead.packKeys(k, column, h, keyRow + low, keyRow + to, pk, own);
    AttentionHead.packValues(v, column, h, keyRow + low, keyRow + to, pv);
    for (int head = kvHead * shape.group(); head < (kvHead + 1) * shape.group(); head++) {
      for (int i = from; i < to; i += TILE) {
        tile(head, i, Math.min(to, i + TILE), low, to, queryRow, pk, pv, own);
      }
    }
  }

  private void tile(
      int head, int from, int to, int low, int high, int row, float[] pk, float[] pv, Scratch own) {
    int h = shape.width();
    int m = to - from;
    int rows = roundUp(m, 12);
    int first = firstKey(shape, from);
    int keys = to - first;
    int ld = scoreStride(keys);
    float[] pq = own.floats(Scratch.QUERIES, rows * roundUp(h, Pack.STEP));
    float[] s = own.floats(Scratch.SCORES, rows * ld);
    int at = q.at(row + from) + head * h;
    Pack.rows(q.data(), at, q.stride(), m, h, pq, 0, groupStep(h), own);
    int panel = (first - low) / WIDTH * panelStep(h);
    Tiles.multiply(
        m,
        roundUp(keys, WIDTH),
        h,
        pq,
        groupStep(h),
        pk,
        panel,
        panelStep(h),
        0,
        false,
        s,
        0,
        ld,
        own.tile);
    float[] inverse = own.floats(Scratch.ROW, TILE);
    for (int i = 0; i < m; i++) {
      inverse[i] =
          softmax(s, i * ld, AttentionHead.scoreWidth(keys), from + i, first, head, row, own);
    }
    float[] pp = own.floats(Scratch.PROBABILITIES, rows * roundUp(keys, Pack.STEP));
    Pack.rows(s, 0, ld, m, keys, pp, 0, groupStep(keys), own);
    int wide = roundUp(h, L);
    float[] o = own.floats(Scratch.OUTPUT, rows * wide);
    int step = panelStep(high - low);
    Tiles.multiply(
        m, h, keys, pp, groupStep(keys), pv, 0, step, first - low, false, o, 0, wide, own.tile);
    for (int i = 0; i < m; i++) {
      int out = y.offset() + (row + from + i) * y.cols() + head * h;
      Elements.axpy(inverse[i], o, i * wide, false, y.data(), out, h);
    }
  }

  /** Turns a row of scores into exponentials; returns 1 / their sum. */
  private float softmax(
      float[] s, int at, int width, int query, int first, int head, int row, Scratch own) {
    int from = shape.firstSeen(query) - first;
    AttentionHead.mask(s, at, from, query + 1 - first, width, shape.scale());
    float max = Softmax.max(s, at, width, own.lanes);
    float sum = Softmax.exponentials(s, at, width, max, own.lanes);
    if (lse != null) {
      int out = lse.offset() + (row + query) * shape.heads() + head;
      lse.data()[out] = (float) (max + StrictMath.log(sum));
    }
    return 1 / sum;
  }
}
