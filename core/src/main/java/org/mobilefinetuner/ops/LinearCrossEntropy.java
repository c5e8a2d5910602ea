package org.mobilefinetuner.ops;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.tensor.Tensor;

/**
 * loss = scale · Σ -log softmax(x·Wᵀ)[target] over the rows that have a target. x: [T, d], W: [V,
 * d], loss: [1].
 *
 * <p>The logits exist for {@value #ROWS} rows at a time, or fewer, or for some columns: T × V
 * floats never do. While they are there, the forward pass turns them into the gradients of x and W,
 * so this operation must be the last of a tape, with a gradient of 1. Rows without a target cost
 * nothing. Which of the ways is taken does not change the bits.
 */
public final class LinearCrossEntropy {
  /**
   * Rows of logits: W is packed once for all of them, which with 128 is a fifth of the time. Fewer
   * where memory is short, which costs time but no bits. The gradient of W is summed over so many
   * rows at a time in any case, because its bits depend on it.
   */
  static final int ROWS = 512;

  /** The target of a row that has none. */
  public static final int IGNORE = -100;

  private LinearCrossEntropy() {}

  /**
   * @param targets the token that each row should predict, or {@link #IGNORE}
   * @param nll the negative log-likelihood of each row is written here, 0 for rows without target
   */
  public static Tensor apply(
      Tape tape, Tensor x, Weight w, int[] targets, float scale, float[] nll) {
    int[] rows = supervised(targets);
    boolean gradient = tape.needs(x) || tape.needs(w);
    @Nullable Tensor dx = tape.needs(x) ? tape.like(x).fill(0) : null;
    Arrays.fill(nll, 0, targets.length, 0);
    SupervisedRows supervised = new SupervisedRows(x, rows, targets, nll);
    if (rows.length > 0 && (tape.pieces().byColumns() || VocabularyTable.isAbsent(w))) {
      new LogitColumns(tape, w, scale).run(supervised, dx);
    } else if (rows.length > 0) {
      new LogitRows(tape, w, scale).run(supervised, dx);
    }
    double sum = 0;
    for (int row : rows) {
      sum += nll[row];
    }
    Tensor loss = tape.take(1).fill((float) (scale * sum));
    if (dx != null) {
      tape.keep(dx);
    }
    return tape.record(
        loss,
        gradient,
        dy -> {
          if (dy.data()[dy.offset()] != 1) {
            throw new IllegalStateException("a loss ends a tape: its gradient is 1");
          }
          tape.gradient(x, (d, beta) -> tape.kernels().axpy(1, requireNonNull(dx), beta, d));
        });
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
