package org.mobilefinetuner.eval;

import java.util.List;
import java.util.OptionalInt;

/**
 * How a text becomes windows of tokens, and which of their losses count. Numbers of one protocol
 * cannot be compared with those of another, nor of another context.
 */
public sealed interface PerplexityProtocol
    permits HuggingFaceProtocol, LmEvalProtocol, LlamaCppProtocol {
  /** The value of {@code --protocol}. */
  String name();

  /** One line that says what the numbers mean. */
  String description();

  /** Tokens of a window, a BOS token in front included. */
  int context();

  /** Tokens from one window to the next. */
  int stride();

  /** The token put in front of each window, if there is one. */
  OptionalInt bos();

  /** The texts of a file of plain text; no window reaches from one into the next. */
  List<PerplexityText> texts(String file);

  /**
   * Whether the tokenizer puts the special tokens around a text that the model expects. It does not
   * where each window gets a BOS token of its own.
   */
  default boolean specialTokens() {
    return !bos().isPresent();
  }

  /**
   * The windows of one text.
   *
   * @param labels as ids, or {@link org.mobilefinetuner.ops.LinearCrossEntropy#IGNORE} where
   *     nothing is to be predicted
   */
  List<PerplexityWindow> windows(int[] ids, int[] labels);

  /** The fewest tokens of a text of which anything is scored. */
  int least();

  /** The room that {@link #bos()} leaves in a window. */
  default int room() {
    return context() - (bos().isPresent() ? 1 : 0);
  }

  /** Checks the numbers that all protocols have. */
  static void check(int context, int stride, OptionalInt bos) {
    int least = bos.isPresent() ? 3 : 2;
    int most = context - (bos.isPresent() ? 1 : 0);
    if (context < least || stride < 1 || stride > most) {
      throw new IllegalArgumentException(
          "expected a context of at least "
              + least
              + " tokens and a stride from 1 to "
              + Math.max(1, most)
              + ", found "
              + context
              + " and "
              + stride);
    }
  }
}
