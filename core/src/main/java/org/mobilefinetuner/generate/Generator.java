package org.mobilefinetuner.generate;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.Head;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.Segment;
import org.mobilefinetuner.model.WeightStore;
import org.mobilefinetuner.ops.KvCache;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Continues a sequence of tokens, one pass over the weights for each new token.
 *
 * <p>The keys and values of the tokens so far are kept; the prompt is read in pieces, so that a
 * long one needs no more memory than a short one.
 */
public final class Generator {
  private static final int PIECE = 256; // tokens of the prompt in one pass

  /** Why a text ended. */
  public enum End {
    /** The model said so. */
    EOS,
    /** As many tokens as were asked for. */
    LENGTH,
    /** The model has no position for a further token. */
    POSITIONS
  }

  /**
   * @param tokens the new tokens, without the one that ends the text
   */
  public record Result(int[] tokens, End end) {}

  private final Model model;
  private final WeightStore store;
  private final Kernels kernels;
  private final Arena arena;
  private final List<Segment> segments;
  private final Head head;

  public Generator(Model model, WeightStore store, Kernels kernels, Arena arena) {
    this.model = model;
    this.store = store;
    this.kernels = kernels;
    this.arena = arena;
    this.segments = model.segments();
    this.head = model.head();
  }

  /**
   * Continues {@code prompt} until a token of {@code stop} or {@code most} new tokens.
   *
   * @param listener is told each new token at once
   * @throws IllegalArgumentException if the prompt is empty or longer than the model allows
   * @throws ArithmeticException if the model's output is not finite
   */
  public Result generate(
      int[] prompt, int most, Sampling sampling, int[] stop, IntConsumer listener) {
    int room = model.positions() - prompt.length;
    if (prompt.length == 0 || room < 1) {
      throw new IllegalArgumentException(
          "expected a prompt of 1 to "
              + (model.positions() - 1)
              + " tokens, because the model has "
              + model.positions()
              + " positions, found "
              + prompt.length
              + "; shorten it");
    }
    int[] tokens = Arrays.copyOf(prompt, prompt.length + Math.min(most, room));
    KvCache cache = model.cache(tokens.length);
    float[] logits = new float[model.vocabulary()];
    int length = prompt.length;
    while (length < tokens.length) {
      read(Arrays.copyOfRange(tokens, cache.length(), length), cache, logits);
      int next = sampling.next(logits, Arrays.copyOf(tokens, length), length - prompt.length);
      if (contains(stop, next)) {
        return new Result(Arrays.copyOfRange(tokens, prompt.length, length), End.EOS);
      }
      tokens[length++] = next;
      listener.accept(next);
    }
    return new Result(
        Arrays.copyOfRange(tokens, prompt.length, length),
        most > room ? End.POSITIONS : End.LENGTH);
  }

  private static boolean contains(int[] tokens, int token) {
    for (int t : tokens) {
      if (t == token) {
        return true;
      }
    }
    return false;
  }

  /** Reads further tokens; the logits of what follows the last one go to {@code logits}. */
  private void read(int[] tokens, KvCache cache, float[] logits) {
    for (int from = 0; from < tokens.length; from += PIECE) {
      int to = Math.min(tokens.length, from + PIECE);
      Tensor x = blocks(Batch.reading(Arrays.copyOfRange(tokens, from, to), cache));
      cache.advance(to - from);
      if (to == tokens.length) {
        logits(x.rows(to - from - 1, 1), logits);
      }
      arena.give(x);
    }
  }

  /** What the last block makes of the batch; the caller gives it back. */
  private Tensor blocks(Batch batch) {
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

  private void logits(Tensor x, float[] to) {
    try (var weights = store.lease(head);
        Tape tape = Tape.off(arena, kernels)) {
      Tensor z = head.logits(tape, weights, head.hidden(tape, weights, x));
      System.arraycopy(z.data(), z.offset(), to, 0, to.length);
    }
    for (int i = 0; i < to.length; i++) {
      if (!(Math.abs(to[i]) <= Float.MAX_VALUE)) {
        throw new ArithmeticException("expected finite logits, found " + to[i] + " for token " + i);
      }
    }
  }
}
