package org.mobilefinetuner.model;

import java.util.List;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;

/** The way of tokens through a model, segment by segment, with nothing recorded or drawn. */
public final class ForwardPass {
  private final WeightStore store;
  private final Kernels kernels;
  private final Arena arena;
  private final List<Segment> segments;
  private final Head head;
  private final int vocabulary;

  public ForwardPass(Model model, WeightStore store, Kernels kernels, Arena arena) {
    this.store = store;
    this.kernels = kernels;
    this.arena = arena;
    this.segments = model.segments();
    this.head = model.head();
    this.vocabulary = model.vocabulary();
  }

  /** What the last block makes of the batch, [T, d]; the caller gives it back to the arena. */
  public Tensor blocks(Batch batch) {
    Tensor x = Segment.NOTHING;
    for (int i = 0; i < segments.size() - 1; i++) {
      Segment segment = segments.get(i);
      try (var weights = store.lease(segment);
          Tape tape = Tape.off(arena, kernels)) {
        store.prefetch(segments.get(i + 1));
        Tensor y = segment.forward(tape, weights, batch, x);
        if (i > 0) {
          arena.give(x);
        }
        x = tape.handOver(y);
      }
    }
    return x;
  }

  /** Gives the batch its losses, by what the last block made of it. */
  public void losses(Batch batch, Tensor x) {
    try (var weights = store.lease(head);
        Tape tape = Tape.off(arena, kernels)) {
      head.forward(tape, weights, batch, x);
    }
  }

  /**
   * The logits of rows of what the last block made.
   *
   * @param x [rows, d]
   * @param to has room for rows·V values
   */
  public void logits(Tensor x, float[] to) {
    try (var weights = store.lease(head);
        Tape tape = Tape.off(arena, kernels)) {
      Tensor z = head.logits(tape, weights, head.hidden(tape, weights, x));
      System.arraycopy(z.data(), z.offset(), to, 0, z.size());
    }
  }

  /** The logits of all tokens of the batch, [T, V], outside the arena. */
  public Tensor logits(Batch batch) {
    Tensor x = blocks(batch);
    Tensor logits = Tensor.zeros(batch.tokens(), vocabulary);
    logits(x, logits.data());
    arena.give(x);
    return logits;
  }
}
