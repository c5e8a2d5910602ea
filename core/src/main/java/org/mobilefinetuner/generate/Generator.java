package org.mobilefinetuner.generate;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.ForwardPass;
import org.mobilefinetuner.model.Model;
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
  private final Arena arena;
  private final ForwardPass pass;
  private final boolean remembers;
  private KvCache cache;
  private int[] read = new int[0]; // the tokens in the cache

  /** A generator for texts that have nothing to do with each other. */
  public Generator(Model model, WeightStore store, Kernels kernels, Arena arena) {
    this(model, store, kernels, arena, false);
  }

  /** A generator for a conversation: of a prompt it reads only what was not in the last text. */
  public static Generator remembering(
      Model model, WeightStore store, Kernels kernels, Arena arena) {
    return new Generator(model, store, kernels, arena, true);
  }

  private Generator(
      Model model, WeightStore store, Kernels kernels, Arena arena, boolean remembers) {
    this.model = model;
    this.arena = arena;
    this.pass = new ForwardPass(model, store, kernels, arena);
    this.remembers = remembers;
    this.cache = model.cache(model.positions());
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
    recall(prompt);
    float[] logits = new float[model.vocabulary()];
    int length = prompt.length;
    while (length < tokens.length) {
      read(Arrays.copyOfRange(tokens, cache.length(), length), logits);
      read = Arrays.copyOf(tokens, length);
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

  /**
   * Leaves in the cache what the prompt begins with, but its last token, whose logits are needed.
   */
  private void recall(int[] prompt) {
    int common = 0;
    int most = remembers ? Math.min(read.length, prompt.length - 1) : 0;
    while (common < most && prompt[common] == read[common]) {
      common++;
    }
    if (common > 0 && cache.holds(common)) {
      cache.truncate(common);
    } else {
      cache = model.cache(model.positions());
    }
    read = new int[0];
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
  private void read(int[] tokens, float[] logits) {
    for (int from = 0; from < tokens.length; from += PIECE) {
      int to = Math.min(tokens.length, from + PIECE);
      Tensor x = pass.blocks(Batch.reading(Arrays.copyOfRange(tokens, from, to), cache));
      cache.advance(to - from);
      if (to == tokens.length) {
        pass.logits(x.rows(to - from - 1, 1), logits);
        requireFinite(logits);
      }
      arena.give(x);
    }
  }

  private static void requireFinite(float[] logits) {
    for (int i = 0; i < logits.length; i++) {
      if (!(Math.abs(logits[i]) <= Float.MAX_VALUE)) {
        throw new ArithmeticException(
            "expected finite logits, found " + logits[i] + " for token " + i);
      }
    }
  }
}
