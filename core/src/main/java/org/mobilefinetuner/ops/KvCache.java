package org.mobilefinetuner.ops;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/**
 * The keys and values of one sequence's tokens, layer by layer, so that a further token costs one
 * pass over the weights and no more.
 */
public final class KvCache {
  private final Tensor[] keys;
  private final Tensor[] values;
  private int length;

  /**
   * @param capacity the most tokens that the sequence may have
   * @param width kvHeads·h
   */
  public KvCache(int layers, int capacity, int width) {
    keys = new Tensor[layers];
    values = new Tensor[layers];
    for (int i = 0; i < layers; i++) {
      keys[i] = Tensor.zeros(capacity, width);
      values[i] = Tensor.zeros(capacity, width);
    }
  }

  /** Tokens whose keys and values all layers have. */
  public int length() {
    return length;
  }

  public int capacity() {
    return keys[0].rows();
  }

  /** Declares that all layers have seen {@code tokens} more tokens. */
  public void advance(int tokens) {
    length += tokens;
  }

  /** Forgets all tokens from number {@code length} on. */
  public void truncate(int length) {
    this.length = length;
  }

  /** Stores the new tokens' k and v as layer {@code layer}'s and attends over all. */
  Tensor attend(Tape tape, int layer, Window q, Window k, Window v, AttentionShape shape) {
    int tokens = q.tensor().rows();
    if (length + tokens > capacity()) {
      throw new IllegalStateException(
          "expected at most " + capacity() + " tokens, found " + (length + tokens));
    }
    for (int i = 0; i < tokens; i++) {
      copyRow(k, i, keys[layer], length + i);
      copyRow(v, i, values[layer], length + i);
    }
    Tensor y = tape.take(tokens, shape.heads() * shape.width());
    tape.kernels().attentionOver(shape, length, q, keys[layer], values[layer], y);
    return y;
  }

  private static void copyRow(Window from, int row, Tensor to, int at) {
    int cols = to.cols();
    System.arraycopy(from.data(), from.at(row), to.data(), to.offset() + at * cols, cols);
  }
}
