package org.mobilefinetuner.ops;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Tensor;

/**
 * loss = scale · Σ -log softmax(x·Wᵀ)[target] over the rows that have a target. x: [T, d], W: [V,
 * d], loss: [1].
 *
 * <p>The logits exist for {@value #ROWS} rows at a time, or fewer: T × V floats never do. While
 * they are there, the forward pass turns them into the gradients of x and W, so this operation must
 * be the last of a tape, with a gradient of 1. Rows without a target cost nothing.
 */
public final class LinearCrossEntropy {
  /**
   * Rows of logits: W is packed once for all of them, which with half as many is a fifth of the
   * time. Fewer where memory is short, which costs time but no bits, unless W is trained: the order
   * in which its gradient is summed depends on it.
   */
  static final int ROWS = 256;

  /** The fewest rows that a product is worth. */
  static final int FEWEST_ROWS = 24;

  /** The target of a row that has none. */
  public static final int IGNORE = -100;

  private LinearCrossEntropy() {}

  /**
   * @param targets the token that each row should predict, or {@link #IGNORE}
   * @param nll the negative log-likelihood of each row is written here, 0 for rows without target
   */
  public static Tensor apply(
      Tape tape, Tensor x, Weight w, int[] targets, float scale, float[] nll) {
    Kernels k = tape.kernels();
    int[] rows = supervised(targets);
    boolean gradient = tape.needs(x) || tape.needs(w);
    Tensor dx = tape.needs(x) ? tape.like(x).fill(0) : x;
    double sum = 0;
    java.util.Arrays.fill(nll, 0, targets.length, 0);
    int block = Math.min(rowsAtOnce(tape, w), rows.length);
    if (block > 0) {
      Tensor logits = tape.take(block, w.value().rows());
      Tensor packed = tape.take(block, x.cols());
      Tensor losses = tape.take(block);
      for (int from = 0; from < rows.length; from += block) {
        int count = Math.min(block, rows.length - from);
        Tensor z = logits.rows(0, count);
        Tensor h = packed.rows(0, count);
        int[] wanted = new int[count];
        for (int i = 0; i < count; i++) {
          h.rows(i, 1).copyFrom(x.rows(rows[from + i], 1));
          wanted[i] = targets[rows[from + i]];
        }
        k.productNT(1, h, w.value(), 0, z);
        k.crossEntropy(z, wanted, 0, scale, losses);
        for (int i = 0; i < count; i++) {
          float loss = losses.data()[losses.offset() + i];
          nll[rows[from + i]] = loss;
          sum += loss;
        }
        tape.gradient(w, (dw, beta) -> k.productTN(1, z, h, beta, dw));
        if (tape.needs(x)) {
          k.productNN(1, z, w.value(), 0, h);
          for (int i = 0; i < count; i++) {
            dx.rows(rows[from + i], 1).copyFrom(h.rows(i, 1));
          }
        }
      }
      tape.give(losses);
      tape.give(packed);
      tape.give(logits);
    }
    Tensor loss = tape.take(1).fill((float) (scale * sum));
    if (tape.needs(x)) {
      tape.keep(dx);
    }
    return tape.record(
        loss,
        gradient,
        dy -> {
          if (dy.data()[dy.offset()] != 1) {
            throw new IllegalStateException("a loss ends a tape: its gradient is 1");
          }
          tape.gradient(x, (d, beta) -> k.axpy(1, dx, beta, d));
        });
  }

  private static int rowsAtOnce(Tape tape, Weight w) {
    if (w.trainable()) {
      return ROWS;
    }
    long fit = tape.chunkBytes() / (4L * w.value().rows());
    return (int) Math.max(FEWEST_ROWS, Math.min(fit, ROWS));
  }

  private static int[] supervised(int[] targets) {
    int count = 0;
    for (int target : targets) {
      count += target == IGNORE ? 0 : 1;
    }
    int[] rows = new int[count];
    for (int t = 0, i = 0; t < targets.length; t++) {
      if (targets[t] != IGNORE) {
        rows[i++] = t;
      }
    }
    return rows;
  }
}
