package org.mobilefinetuner.ops;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Rotary position embedding: each pair (i, i + h/2) of each head is turned by an angle that grows
 * with the token's position. x, y: [T, heads·h].
 *
 * <p>The backward pass turns the gradient back. Su et al.: RoFormer, arXiv 2104.09864; pairs and
 * angles as in Hugging Face's Llama.
 */
public final class Rope {
  private Rope() {}

  /**
   * @param positions the place of each token in its sequence, [T]
   */
  public static Tensor apply(Tape tape, Tensor x, int[] positions, RotaryAngles angles) {
    RotaryAngles.Table table = angles.upTo(positions);
    var k = tape.kernels();
    Tensor y = tape.like(x);
    k.rotate(x, positions, table.cos(), table.sin(), false, 0, y);
    return tape.record(
        y,
        tape.needs(x),
        dy ->
            tape.gradient(
                x,
                (dx, beta) -> k.rotate(dy, positions, table.cos(), table.sin(), true, beta, dx)));
  }
}
