package org.mobilefinetuner.jni;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/** Cuts attention into tasks; what a task does is in {@code attention.c}. */
final class Attention {
  /** Queries of a forward task: enough to pay for packing the keys again. */
  private static final int RUN = 240;

  private final Parallel parallel;
  private final Scratch[] scratch;

  Attention(Parallel parallel, Scratch[] scratch) {
    this.parallel = parallel;
    this.scratch = scratch;
  }

  void forward(
      AttentionShape shape, int[] starts, Window q, Window k, Window v, Tensor y, Tensor lse) {
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
          run(shape, kvHead, first[run], to, row, row, q, k, v, y, lse, scratch[thread]);
        });
  }

  void over(AttentionShape shape, int past, Window q, Tensor keys, Tensor values, Tensor y) {
    Window k = new Window(keys, 0);
    Window v = new Window(values, 0);
    int tokens = past + y.rows();
    parallel.run(
        runs(y.rows()) * shape.kvHeads(),
        (task, thread) -> {
          int from = past + task / shape.kvHeads() * RUN;
          int to = Math.min(from + RUN, tokens);
          int kvHead = task % shape.kvHeads();
          run(shape, kvHead, from, to, 0, -past, q, k, v, y, null, scratch[thread]);
        });
  }

  private static int runs(int tokens) {
    return (tokens + RUN - 1) / RUN;
  }

  private static void run(
      AttentionShape shape,
      int kvHead,
      int from,
      int to,
      int keyRow,
      int queryRow,
      Window q,
      Window k,
      Window v,
      Tensor y,
      @Nullable Tensor lse,
      Scratch own) {
    Library.attention(
        shape.width(),
        shape.window(),
        shape.group(),
        shape.scale(),
        kvHead,
        from,
        to,
        keyRow,
        queryRow,
        q.data(),
        q.at(0),
        q.stride(),
        k.data(),
        k.at(0),
        k.stride(),
        v.data(),
        v.at(0),
        v.stride(),
        y.data(),
        y.offset(),
        y.cols(),
        lse == null ? null : lse.data(),
        lse == null ? 0 : lse.offset(),
        shape.heads(),
        own.floats(Library.attentionFloats(shape.width(), to - shape.firstSeen(from))));
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
    parallel.run(
        (starts.length - 1) * shape.kvHeads(),
        (task, thread) -> {
          int row = starts[task / shape.kvHeads()];
          int last = starts[task / shape.kvHeads() + 1];
          Library.attentionBackward(
              shape.width(),
              shape.window(),
              shape.group(),
              shape.scale(),
              task % shape.kvHeads(),
              row,
              last,
              q.data(),
              q.at(0),
              q.stride(),
              k.data(),
              k.at(0),
              k.stride(),
              v.data(),
              v.at(0),
              v.stride(),
              y.data(),
              y.offset(),
              y.cols(),
              lse.data(),
              lse.offset(),
              shape.heads(),
              dy.data(),
              dy.offset(),
              dy.cols(),
              add,
              dq.data(),
              dq.at(0),
              dq.stride(),
              dk.data(),
              dk.at(0),
              dk.stride(),
              dv.data(),
              dv.at(0),
              dv.stride(),
              scratch[thread].floats(Library.attentionBackwardFloats(shape.width(), last - row)));
        });
  }
}
