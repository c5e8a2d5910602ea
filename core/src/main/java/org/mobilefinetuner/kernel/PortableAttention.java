package org.mobilefinetuner.kernel;

import static org.mobilefinetuner.kernel.RowSum.ROWS;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/**
 * Attention in plain Java. A task is one key and value head of one sequence, with all its query
 * heads in their order: nothing is added up across tasks.
 *
 * <p>Keys and values are copied into rows of their own, by tokens and by columns, so that scores,
 * their gradients and weighted sums are all {@link RowSum}s.
 */
final class PortableAttention {
  private final Parallel parallel;
  private final AttentionScratch[] scratch;

  PortableAttention(Parallel parallel) {
    this.parallel = parallel;
    scratch = new AttentionScratch[parallel.threads()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = new AttentionScratch();
    }
  }

  /** As {@link Kernels#attention}. */
  void forward(
      AttentionShape shape, int[] starts, Window q, Window k, Window v, Tensor y, Tensor lse) {
    parallel.run(
        (starts.length - 1) * shape.kvHeads(),
        (task, thread) -> {
          int start = starts[task / shape.kvHeads()];
          int end = starts[task / shape.kvHeads() + 1];
          int kv = task % shape.kvHeads();
          AttentionScratch own = scratch[thread];
          own.read(shape.width(), end - start, k, v, start, kv * shape.width());
          attend(shape, kv, q, start, end, start, y, lse, own);
        });
  }

  /** As {@link Kernels#attentionOver}. */
  void over(AttentionShape shape, int past, Window q, Tensor keys, Tensor values, Tensor y) {
    parallel.run(
        shape.kvHeads(),
        (kv, thread) -> {
          AttentionScratch own = scratch[thread];
          Window k = new Window(keys, 0);
          Window v = new Window(values, 0);
          own.read(shape.width(), past + y.rows(), k, v, 0, kv * shape.width());
          attend(shape, kv, q, 0, y.rows(), -past, y, null, own);
        });
  }

  /**
   * Rows {@code from} to {@code to} of q, of a sequence whose first token would be row {@code
   * start}.
   */
  private static void attend(
      AttentionShape shape,
      int kv,
      Window q,
      int from,
      int to,
      int start,
      Tensor y,
      @Nullable Tensor lse,
      AttentionScratch own) {
    int h = shape.width();
    for (int head = kv * shape.group(); head < (kv + 1) * shape.group(); head++) {
      for (int row = from; row < to; row++) {
        int last = row - start;
        int first = shape.firstSeen(last);
        float log = softmax(shape, q.data(), q.at(row) + head * h, first, last, own);
        if (lse != null) {
          lse.data()[lse.offset() + row * shape.heads() + head] = log;
        }
        Arrays.fill(own.row, 0, h, 0);
        weighted(own.scores, first, last, own.values, h, own.row);
        System.arraycopy(own.row, 0, y.data(), y.offset() + row * y.cols() + head * h, h);
      }
    }
  }

  /** Makes {@code own.scores} the softmax over tokens first to last; returns log Σ exp. */
  private static float softmax(
      AttentionShape shape, float[] q, int at, int first, int last, AttentionScratch own) {
    float[] p = own.scores;
    products(own.keyColumns, shape.width(), q, at, first, last, p);
    float max = Float.NEGATIVE_INFINITY;
    for (int j = first; j <= last; j++) {
      p[j] *= shape.scale();
      max = Math.max(max, p[j]);
    }
    double sum = 0;
    for (int j = first; j <= last; j++) {
      sum += Math.exp(p[j] - max);
    }
    float log = (float) (max + Math.log(sum));
    for (int j = first; j <= last; j++) {
      p[j] = (float) Math.exp(p[j] - log);
    }
    return log;
  }

  /** As {@link Kernels#attentionBackward}. */
  void backward(
      AttentionShape shape,
      int[] starts,
      Window q,
      Window k,
      Window v,
      Tensor y,
      Tensor lse,
      Tensor dy,
      float beta,
      Window dq,
      Window dk,
      Window dv) {
    parallel.run(
        (starts.length - 1) * shape.kvHeads(),
        (task, thread) -> {
          int start = starts[task / shape.kvHeads()];
          int length = starts[task / shape.kvHeads() + 1] - start;
          int kv = task % shape.kvHeads();
          int h = shape.width();
          AttentionScratch own = scratch[thread];
          own.read(h, length, k, v, start, kv * h);
          own.clearGradients(length, h);
          for (int head = kv * shape.group(); head < (kv + 1) * shape.group(); head++) {
            for (int i = 0; i < length; i += ROWS) {
              int count = Math.min(ROWS, length - i);
              group(shape, head, start, i, count, length, q, y, lse, dy, beta, dq, own);
            }
          }
          for (int j = 0; j < length; j++) {
            put(own.dKeys[j], h, beta, dk.data(), dk.at(start + j) + kv * h);
            put(own.dValues[j], h, beta, dv.data(), dv.at(start + j) + kv * h);
          }
        });
  }

  /**
   * The gradients that come from {@code count} queries of one head, of tokens {@code i} onwards.
   */
  private static void group(
      AttentionShape shape,
      int head,
      int start,
      int i,
      int count,
      int length,
      Window q,
      Tensor y,
      Tensor lse,
      Tensor dy,
      float beta,
      Window dq,
      AttentionScratch own) {
    int h = shape.width();
    own.clearQueries(length, h);
    for (int r = 0; r < count; r++) {
      int row = start + i + r;
      int qAt = q.at(row) + head * h;
      int yAt = row * y.cols() + head * h;
      System.arraycopy(q.data(), qAt, own.queries[r], 0, h);
      System.arraycopy(dy.data(), dy.offset() + yAt, own.dOutputs[r], 0, h);
      float delta = 0;
      for (int c = 0; c < h; c++) {
        delta += own.dOutputs[r][c] * y.data()[y.offset() + yAt + c];
      }
      int last = i + r;
      int first = shape.firstSeen(last);
      float log = lse.data()[lse.offset() + row * shape.heads() + head];
      products(own.keyColumns, h, own.queries[r], 0, first, last, own.scores);
      products(own.valueColumns, h, own.dOutputs[r], 0, first, last, own.dScores);
      for (int j = first; j <= last; j++) {
        float p = (float) Math.exp(shape.scale() * own.scores[j] - log);
        own.weights[r * length + j] = p;
        own.dScores[j] = shape.scale() * p * (own.dScores[j] - delta);
      }
      System.arraycopy(own.dScores, first, own.dWeights, r * length + first, last - first + 1);
      Arrays.fill(own.row, 0, h, 0);
      weighted(own.dScores, first, last, own.keys, h, own.row);
      put(own.row, h, beta, dq.data(), dq.at(row) + head * h);
    }
    for (int j = shape.firstSeen(i); j < i + count; j++) {
      RowSum.add(own.dValues[j], 0, h, own.dOutputs, 0, count, 1, own.weights, j, length);
      RowSum.add(own.dKeys[j], 0, h, own.queries, 0, count, 1, own.dWeights, j, length);
    }
  }

  /** to[j] = Σ over the columns of x·column[j], for tokens first to last; zeros around them. */
  private static void products(
      float[][] columns, int width, float[] x, int at, int first, int last, float[] to) {
    Arrays.fill(to, first / ROWS * ROWS, RowSum.padded(last + 1), 0);
    for (int c = 0; c < width; c += ROWS) {
      int count = Math.min(ROWS, width - c);
      RowSum.add(to, first, last + 1, columns, c, count, 1, x, at + c, 1);
    }
  }

  /** sum += Σ weights[j]·rows[j], for tokens first to last; the weights around them are zeros. */
  private static void weighted(
      float[] weights, int first, int last, float[][] rows, int width, float[] sum) {
    for (int j = first / ROWS * ROWS; j <= last; j += ROWS) {
      RowSum.add(sum, 0, width, rows, j, ROWS, 1, weights, j, 1);
    }
  }

  private static void put(float[] row, int width, float beta, float[] to, int at) {
    for (int c = 0; c < width; c++) {
      to[at + c] = beta == 0 ? row[c] : to[at + c] + row[c];
    }
  }
}
