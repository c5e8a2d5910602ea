package org.mobilefinetuner.vector;

import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/** Cuts attention into tasks and hands them to the team. */
final class Attention {
  /** Queries of a forward task: enough to pay for packing the keys again. */
  private static final int RUN = 240;

  /** With fewer tasks than this in the backward pass, heads that share keys are separate tasks. */
  private static final int FEW = 16;

  private final Parallel parallel;
  private final Scratch[] scratch;
  private float[] partial = new float[0];

  Attention(Parallel parallel, Scratch[] scratch) {
    this.parallel = parallel;
    this.scratch = scratch;
  }

  void forward(
      AttentionShape shape, int[] starts, Window q, Window k, Window v, Tensor y, Tensor lse) {
    AttentionForward forward = new AttentionForward(shape, q, k, v, y, lse);
    int runs = 0;
    for (int s = 0; s + 1 < starts.length; s++) {
      runs += runs(starts[s + 1] - starts[s]);
    }
    int[] sequence = new int[runs];
    int[] first = new int[runs];
    for (int s = 0, i = 0; s + 1 < starts.length; s++) {
      for (int from = 0; from < starts[s + 1] - starts[s]; from += RUN, i++) {
        sequence[i] = s;
        first[i] = from;
      }
    }
    parallel.run(
        runs * shape.kvHeads(),
        (task, thread) -> {
          int run = task / shape.kvHeads();
          int row = starts[sequence[run]];
          int to = Math.min(first[run] + RUN, starts[sequence[run] + 1] - row);
          int kvHead = task % shape.kvHeads();
          forward.run(kvHead, first[run], to, row, row, scratch[thread]);
        });
  }

  void over(AttentionShape shape, int past, Window q, Tensor keys, Tensor values, Tensor y) {
    Window k = new Window(keys, 0);
    Window v = new Window(values, 0);
    AttentionForward forward = new AttentionForward(shape, q, k, v, y, null);
    int tokens = past + y.rows();
    parallel.run(
        runs(y.rows()) * shape.kvHeads(),
        (task, thread) -> {
          int from = past + task / shape.kvHeads() * RUN;
          int to = Math.min(from + RUN, tokens);
          forward.run(task % shape.kvHeads(), from, to, 0, -past, scratch[thread]);
        });
  }

  private static int runs(int tokens) {
    return (tokens + RUN - 1) / RUN;
  }

  void backward(
      AttentionShape shape,
      int[] starts,
      Window q,
      Window k,
      Window v,
      Tensor y,
      Tensor lse,
      Tensor dy,
      boolean add,
      Window dq,
      Window dk,
      Window dv) {
    AttentionBackward backward = new AttentionBackward(shape, q, k, v, y, lse, dy, add, dq);
    int sequences = starts.length - 1;
    int kvHeads = shape.kvHeads();
    int stride = backward.sumStride();
    if (shape.group() == 1 || sequences * kvHeads >= FEW) {
      parallel.run(
          sequences * kvHeads,
          (task, thread) -> {
            int row = starts[task / kvHeads];
            int last = starts[task / kvHeads + 1];
            int kv = task % kvHeads;
            int head = kv * shape.group();
            Scratch own = scratch[thread];
            backward.run(kv, head, head + shape.group(), row, last, own);
            float[] keySums = own.floats(Scratch.KEY_SUMS, 0);
            float[] valueSums = own.floats(Scratch.VALUE_SUMS, 0);
            put(keySums, 0, stride, row, last, shape.width(), kv, add, dk);
            put(valueSums, 0, stride, row, last, shape.width(), kv, add, dv);
          });
      return;
    }
    int heads = shape.heads();
    int block = starts[sequences] * stride;
    if (partial.length < 2 * heads * block) {
      partial = new float[2 * heads * block];
    }
    float[] sums = partial;
    parallel.run(
        sequences * heads,
        (task, thread) -> {
          int row = starts[task / heads];
          int last = starts[task / heads + 1];
          int head = task % heads;
          Scratch own = scratch[thread];
          backward.run(head / shape.group(), head, head + 1, row, last, own);
          int at = 2 * head * block + row * stride;
          int size = (last - row) * stride;
          System.arraycopy(own.floats(Scratch.KEY_SUMS, 0), 0, sums, at, size);
          System.arraycopy(own.floats(Scratch.VALUE_SUMS, 0), 0, sums, at + block, size);
        });
    parallel.run(
        sequences * kvHeads,
        (task, thread) -> {
          int row = starts[task / kvHeads];
          int last = starts[task / kvHeads + 1];
          int kv = task % kvHeads;
          for (int i = 0; i < shape.group(); i++) {
            int at = 2 * (kv * shape.group() + i) * block + row * stride;
            put(sums, at, stride, row, last, shape.width(), kv, add || i > 0, dk);
            put(sums, at + block, stride, row, last, shape.width(), kv, add || i > 0, dv);
          }
        });
  }

  /** Writes the sums of a sequence's keys to columns of one head. */
  private static void put(
      float[] sums,
      int at,
      int stride,
      int row,
      int lastRow,
      int h,
      int kvHead,
      boolean add,
      Window to) {
    for (int t = row; t < lastRow; t++) {
      Elements.axpy(1, sums, at + (t - row) * stride, add, to.data(), to.at(t) + kvHead * h, h);
    }
  }
}
