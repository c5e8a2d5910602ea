package org.mobilefinetuner.ops;

import java.util.List;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

/**
 * The keys and values of one sequence's tokens, layer by layer, so that a further token costs one
 * pass over the weights and no more.
 *
 * <p>Layers grow with the sequence; one whose attention sees only a window of tokens keeps little
 * more than that.
 */
public final class KvCache {
  private static final int SLACK = 256; // tokens for which a layer has room beyond what it sees

  private final int capacity;
  private final Layer[] layers;
  private int length;

  /**
   * @param shapes the attention of each layer
   * @param capacity the most tokens that the sequence may have
   */
  public KvCache(List<AttentionShape> shapes, int capacity) {
    this.capacity = capacity;
    this.layers = new Layer[shapes.size()];
    for (int i = 0; i < layers.length; i++) {
      layers[i] = new Layer(shapes.get(i), Math.min(capacity, SLACK));
    }
  }

  /** Tokens whose keys and values all layers have. */
  public int length() {
    return length;
  }

  public int capacity() {
    return capacity;
  }

  /** Declares that all layers have seen {@code tokens} more tokens. */
  public void advance(int tokens) {
    length += tokens;
  }

  /** Whether {@link #truncate} to {@code length} is possible: what follows must see all it may. */
  public boolean holds(int length) {
    for (Layer layer : layers) {
      if (layer.dropped > Math.max(0, length - layer.past)) {
        return false;
      }
    }
    return length <= this.length;
  }

  /**
   * Forgets all tokens from number {@code length} on.
   *
   * @throws IllegalStateException if a layer has dropped tokens that the next one would see
   */
  public void truncate(int length) {
    if (!holds(length)) {
      throw new IllegalStateException(
          "expected to go back to a length whose last tokens are still here, found " + length);
    }
    this.length = length;
  }

  /** Stores the new tokens' k and v as layer {@code layer}'s and attends over all it sees. */
  Tensor attend(Tape tape, int layer, Window q, Window k, Window v, AttentionShape shape) {
    int tokens = q.tensor().rows();
    if (length + tokens > capacity) {
      throw new IllegalStateException(
          "expected at most " + capacity + " tokens, found " + (length + tokens));
    }
    Layer kept = layers[layer];
    int held = kept.add(k, v, tokens, length);
    Tensor y = tape.take(tokens, shape.heads() * shape.width());
    tape.kernels().attentionOver(shape, held, q, kept.keys, kept.values, y);
    return y;
  }

  /** Row r of the keys and values is token {@code dropped + r}. */
  private static final class Layer {
    final int past; // the most tokens before itself that a token sees
    Tensor keys;
    Tensor values;
    int dropped;

    Layer(AttentionShape shape, int rows) {
      past = shape.window() - 1;
      keys = Tensor.zeros(rows, shape.kvHeads() * shape.width());
      values = Tensor.zeros(rows, shape.kvHeads() * shape.width());
    }

    /** Adds tokens behind the first {@code length}; gives the number of rows in front of them. */
    int add(Window k, Window v, int tokens, int length) {
      int held = length - dropped;
      if (held + tokens > keys.rows()) {
        int keep = Math.min(held, past);
        int rows = keep + tokens <= keys.rows() / 2 ? keys.rows() : 2 * (keep + tokens);
        keys = last(keys, held, keep, rows);
        values = last(values, held, keep, rows);
        dropped += held - keep;
        held = keep;
      }
      for (int i = 0; i < tokens; i++) {
        copyRow(k, i, keys, held + i);
        copyRow(v, i, values, held + i);
      }
      return held;
    }

    /** The last {@code keep} of {@code held} rows, moved to the front of {@code rows} rows. */
    private static Tensor last(Tensor from, int held, int keep, int rows) {
      Tensor to = rows == from.rows() ? from : Tensor.zeros(rows, from.cols());
      System.arraycopy(from.data(), (held - keep) * from.cols(), to.data(), 0, keep * from.cols());
      return to;
    }
  }

  private static void copyRow(Window from, int row, Tensor to, int at) {
    int cols = to.cols();
    System.arraycopy(from.data(), from.at(row), to.data(), to.offset() + at * cols, cols);
  }
}
