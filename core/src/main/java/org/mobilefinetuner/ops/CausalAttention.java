package org.mobilefinetuner.ops;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/**
 * Causal attention inside each sequence of a batch: softmax(scale·q·kᵀ)·v, head by head.
 *
 * <p>q: [T, heads·h], k and v: [T, kvHeads·h], y: [T, heads·h]. The three inputs are windows, of
 * one fused tensor or of three. One logarithm per head and token is saved instead of the T × T
 * probabilities; the backward pass computes them again (Dao et al.: FlashAttention, arXiv
 * 2205.14135).
 */
public final class CausalAttention {
  private CausalAttention() {}

  /**
   * Which tokens belong together.
   *
   * @param starts the first token of each sequence, then T
   * @param cache what came before the one sequence of the batch, or null: inference only
   */
  public record Sequences(int[] starts, @Nullable KvCache cache) {}

  /** Attention of the fused [T, 3d] that GPT-2's c_attn makes. */
  public static Tensor fused(
      Tape tape, Tensor qkv, Sequences sequences, int layer, AttentionShape shape) {
    int d = qkv.cols() / 3;
    return apply(
        tape,
        new Window(qkv, 0),
        new Window(qkv, d),
        new Window(qkv, 2 * d),
        sequences,
        layer,
        shape);
  }

  /** Attention of q, k and v that lie in three tensors. */
  public static Tensor apply(
      Tape tape,
      Tensor q,
      Tensor k,
      Tensor v,
      Sequences sequences,
      int layer,
      AttentionShape shape) {
    return apply(
        tape, new Window(q, 0), new Window(k, 0), new Window(v, 0), sequences, layer, shape);
  }

  public static Tensor apply(
      Tape tape,
      Window q,
      Window k,
      Window v,
      Sequences sequences,
      int layer,
      AttentionShape shape) {
    boolean oneTensor = q.tensor() == k.tensor();
    if (oneTensor != (k.tensor() == v.tensor()) || q.tensor() == v.tensor() && !oneTensor) {
      throw new IllegalArgumentException(
          "expected q, k and v in one tensor or in three, found two");
    }
    KvCache cache = sequences.cache();
    if (cache != null) {
      return cache.attend(tape, layer, q, k, v, shape);
    }
    int[] starts = sequences.starts();
    var kernels = tape.kernels();
    int tokens = q.tensor().rows();
    Tensor y = tape.take(tokens, shape.heads() * shape.width());
    Tensor lse = tape.take(tokens, shape.heads());
    kernels.attention(shape, starts, q, k, v, y, lse);
    boolean needed = tape.needs(q.tensor()) || tape.needs(k.tensor()) || tape.needs(v.tensor());
    if (needed) {
      tape.keep(q.tensor());
      tape.keep(k.tensor());
      tape.keep(v.tensor());
      tape.keep(y);
      tape.keep(lse);
    }
    return tape.record(
        y,
        needed,
        dy -> {
          if (oneTensor) {
            tape.gradient(
                q.tensor(),
                (d, beta) ->
                    kernels.attentionBackward(
                        shape, starts, q, k, v, y, lse, dy, beta, q.of(d), k.of(d), v.of(d)));
          } else {
            apart(tape, shape, starts, q, k, v, y, lse, dy);
          }
        });
  }

  /** Three tensors have three gradients; the kernel makes all at once, into scratch. */
  private static void apart(
      Tape tape,
      AttentionShape shape,
      int[] starts,
      Window q,
      Window k,
      Window v,
      Tensor y,
      Tensor lse,
      Tensor dy) {
    var kernels = tape.kernels();
    Tensor dq = tape.like(q.tensor());
    Tensor dk = tape.like(k.tensor());
    Tensor dv = tape.like(v.tensor());
    kernels.attentionBackward(shape, starts, q, k, v, y, lse, dy, 0, q.of(dq), k.of(dk), v.of(dv));
    passOn(tape, q.tensor(), dq);
    passOn(tape, k.tensor(), dk);
    passOn(tape, v.tensor(), dv);
  }

  private static void passOn(Tape tape, Tensor x, Tensor dx) {
    if (!tape.passOn(x, dx)) {
      tape.give(dx);
    }
  }
}
