package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.AttentionHead.TILE;
import static org.mobilefinetuner.vector.AttentionHead.firstKey;
import static org.mobilefinetuner.vector.AttentionHead.groupStep;
import static org.mobilefinetuner.vector.AttentionHead.panelStep;
import static org.mobilefinetuner.vector.AttentionHead.panels;
import static org.mobilefinetuner.vector.AttentionHead.scoreStride;
import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;
import static org.mobilefinetuner.vector.Pack.roundUp;
import static org.mobilefinetuner.vector.Product.WIDTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/**
 * The gradients of attention for one key and value head of one sequence.
 *
 * <p>Probabilities are computed again from the scores and their logarithmic sums (Dao et al.:
 * FlashAttention, 2022), a tile of queries at a time. With P the probabilities and dP = dY·Vᵀ: dS =
 * scale·P∘(dP - Σ dY∘Y), dQ = dS·K, dK = dSᵀ·Q, dV = Pᵀ·dY. dK and dV are summed over tiles in
 * scratch, in order, so no two threads ever write the same place.
 */
final class AttentionBackward {
  private final AttentionShape shape;
  private final Window q;
  private final Window k;
  private final Window v;
  private final Tensor y;
  private final Tensor lse;
  private final Tensor dy;
  private final boolean add;
  private final Window dq;

  AttentionBackward(
      AttentionShape shape,
      Window q,
      Window k,
      Window v,
      Tensor y,
      Tensor lse,
      Tensor dy,
      boolean add,
      Window dq) {
    this.shape = shape;
    this.q = q;
    this.k = k;
    this.v = v;
    this.y = y;
    this.lse = lse;
    this.dy = dy;
    this.add = add;
    this.dq = dq;
  }

  /**
   * Query heads {@code head} to {@code lastHead}, which share {@code kvHead}, of the sequence in
   * rows {@code row} to {@code lastRow}. What they add to dK and dV is left in the scratch's {@link
   * Scratch#KEY_SUMS} and {@link Scratch#VALUE_SUMS}, in rows of {@link #sumStride}.
   */
  void run(int kvHead, int head, int lastHead, int row, int lastRow, Scratch own) {
    int h = shape.width();
    int n = lastRow - row;
    int column = kvHead * h;
    float[] keys = own.floats(Scratch.KEYS, panels(n, h));
    float[] keyRows = own.floats(Scratch.KEY_ROWS, panels(h, n));
    float[] values = own.floats(Scratch.VALUES, panels(n, h));
    AttentionHead.packKeys(k, column, h, row, lastRow, keys, own);
    AttentionHead.packValues(k, column, h, row, lastRow, keyRows);
    AttentionHead.packKeys(v, column, h, row, lastRow, values, own);
    int sums = (n + WIDTH + 2 * Pack.STEP) * sumStride();
    Arrays.fill(own.floats(Scratch.KEY_SUMS, sums), 0, sums, 0);
    Arrays.fill(own.floats(Scratch.VALUE_SUMS, sums), 0, sums, 0);
    for (int i = head; i < lastHead; i++) {
      for (int from = 0; from < n; from += TILE) {
        tile(i, from, Math.min(n, from + TILE), n, row, own);
      }
    }
  }

  /** Floats from one token to the next in the sums of dK and dV. */
  int sumStride() {
    return roundUp(shape.width(), L);
  }

  private void tile(int head, int from, int to, int n, int row, Scratch own) {
    int h = shape.width();
    int m = to - from;
    int rows = roundUp(m, 12);
    int first = firstKey(shape, from);
    int keys = to - first;
    int ld = scoreStride(keys);
    int wide = sumStride();
    Window gradient = new Window(dy, head * h);
    Window query = new Window(q.tensor(), q.column() + head * h);
    float[] pq = own.floats(Scratch.QUERIES, rows * roundUp(h, Pack.STEP));
    float[] pg = own.floats(Scratch.GRADIENTS, rows * roundUp(h, Pack.STEP));
    float[] queryRows = own.floats(Scratch.QUERY_ROWS, panels(h, m));
    float[] gradientRows = own.floats(Scratch.GRADIENT_ROWS, panels(h, m));
    int top = row + from;
    Pack.rows(q.data(), query.at(top), query.stride(), m, h, pq, 0, groupStep(h), own);
    Pack.rows(dy.data(), gradient.at(top), gradient.stride(), m, h, pg, 0, groupStep(h), own);
    AttentionHead.packValues(query, 0, h, top, row + to, queryRows);
    AttentionHead.packValues(gradient, 0, h, top, row + to, gradientRows);

    float[] p = own.floats(Scratch.SCORES, rows * ld);
    float[] ds = own.floats(Scratch.SCORE_GRADIENTS, rows * ld);
    scores(m, keys, pq, own.floats(Scratch.KEYS, 0), first, p, ld, own);
    scores(m, keys, pg, own.floats(Scratch.VALUES, 0), first, ds, ld, own);
    for (int i = 0; i < m; i++) {
      softmaxBackward(p, ds, i * ld, keys, from + i, first, head, row, own);
    }

    int packed =
        Math.max(rows * roundUp(keys, Pack.STEP), roundUp(keys, Pack.STEP) * roundUp(m, Pack.STEP));
    float[] pp = own.floats(Scratch.PROBABILITIES, packed);
    Pack.rows(ds, 0, ld, m, keys, pp, 0, groupStep(keys), own);
    float[] out = own.floats(Scratch.OUTPUT, rows * wide);
    float[] keyRows = own.floats(Scratch.KEY_ROWS, 0);
    Tiles.multiply(
        m,
        h,
        keys,
        pp,
        groupStep(keys),
        keyRows,
        0,
        panelStep(n),
        first,
        false,
        out,
        0,
        wide,
        own.tile);
    for (int i = 0; i < m; i++) {
      Elements.axpy(1, out, i * wide, add, dq.data(), dq.at(top + i) + head * h, h);
    }
    keySums(ds, ld, keys, m, pp, queryRows, own.floats(Scratch.KEY_SUMS, 0), first, own);
    keySums(p, ld, keys, m, pp, gradientRows, own.floats(Scratch.VALUE_SUMS, 0), first, own);
  }

  /** Rows of {@code pa} times the keys, or the values, from {@code first} on. */
  private void scores(
      int m, int keys, float[] pa, float[] panels, int first, float[] s, int ld, Scratch own) {
    int h = shape.width();
    int panel = first / WIDTH * panelStep(h);
    Tiles.multiply(
        m,
        roundUp(keys, WIDTH),
        h,
        pa,
        groupStep(h),
        panels,
        panel,
        panelStep(h),
        0,
        false,
        s,
        0,
        ld,
        own.tile);
  }

  /** sums[first + j] += Σ s[i][j]·rows[i] over the tile's queries i. */
  private void keySums(
      float[] s,
      int ld,
      int keys,
      int m,
      float[] packed,
      float[] rows,
      float[] sums,
      int first,
      Scratch own) {
    int wide = sumStride();
    Pack.columns(s, 0, ld, roundUp(keys, Pack.STEP), m, packed, 0, groupStep(m));
    Tiles.multiply(
        keys,
        shape.width(),
        m,
        packed,
        groupStep(m),
        rows,
        0,
        panelStep(m),
        0,
        true,
        sums,
        first * wide,
        wide,
        own.tile);
  }

  /** Turns a row of scores into probabilities, and one of dP into dS. */
  private void softmaxBackward(
      float[] p,
      float[] ds,
      int at,
      int keys,
      int query,
      int first,
      int head,
      int row,
      Scratch own) {
    int from = shape.firstSeen(query) - first;
    int width = AttentionHead.scoreWidth(keys);
    AttentionHead.mask(p, at, from, query + 1 - first, width, shape.scale());
    float log = lse.data()[lse.offset() + (row + query) * shape.heads() + head];
    Softmax.exponentials(p, at, width, log, own.lanes);
    int h = shape.width();
    int o = (row + query) * y.cols() + head * h;
    float delta = dot(dy.data(), dy.offset() + o, y.data(), y.offset() + o, h, own.lanes);
    for (int j = at; j < at + width; j += L) {
      FloatVector.fromArray(F, ds, j)
          .sub(delta)
          .mul(FloatVector.fromArray(F, p, j))
          .mul(shape.scale())
          .intoArray(ds, j);
    }
  }

  private static float dot(float[] a, int ao, float[] b, int bo, int n, float[] lanes) {
    FloatVector sums = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - L; i += L) {
      sums = FloatVector.fromArray(F, a, ao + i).fma(FloatVector.fromArray(F, b, bo + i), sums);
    }
    float sum = Lanes.sum(sums, lanes);
    for (; i < n; i++) {
      sum += a[ao + i] * b[bo + i];
    }
    return sum;
  }
}
