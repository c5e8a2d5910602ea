package org.mobilefinetuner.ops;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.tensor.Tensor;

/**
 * y = x ⊙ mask/(1 - rate), where each element is kept with probability 1 - rate.
 *
 * <p>The mask is never stored: whether an element is kept is a function of the seed, the step, the
 * segment, the operation, the example and the token, so the backward pass, or a second forward
 * pass, draws the same one, however the examples are split into batches.
 */
public final class Dropout {
  private Dropout() {}

  /** y = x itself where the tape draws nothing (evaluation) or the rate is 0. */
  public static Tensor apply(Tape tape, Tensor x, float rate) {
    Tape.Randomness random = rate == 0 ? null : tape.nextRandomness();
    if (random == null) {
      return x;
    }
    long key = random.key();
    long[] tokenKeys = random.tokenKeys();
    var k = tape.kernels();
    Tensor y = tape.like(x);
    k.dropout(rate, key, tokenKeys, x, 0, y);
    return tape.record(
        y,
        tape.needs(x),
        dy -> tape.gradient(x, (dx, beta) -> k.dropout(rate, key, tokenKeys, dy, beta, dx)));
  }
}
