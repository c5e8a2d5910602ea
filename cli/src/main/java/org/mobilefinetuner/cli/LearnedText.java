package org.mobilefinetuner.cli;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.ops.LinearCrossEntropy;
import org.mobilefinetuner.text.StreamingDecoder;
import org.mobilefinetuner.text.Tokenizer;

/**
 * An example as text that shows which of its tokens are predicted.
 *
 * @param tokenizer null to show the ids
 */
record LearnedText(@Nullable Tokenizer tokenizer, Sequence example) {
  private static final String DIM = "\033[2m";
  private static final String PREDICTED = "\033[32m";
  private static final String PLAIN = "\033[0m";

  private boolean isPredicted(int token) {
    return token > 0 && example.labels()[token] != LinearCrossEntropy.IGNORE;
  }

  /**
   * Prints the text, with a final line break.
   *
   * @param coloured what is predicted green and the rest dim, instead of {@code [[...]]}
   */
  void print(PrintWriter out, boolean coloured) {
    @Nullable StreamingDecoder decoder =
        tokenizer == null ? null : tokenizer.streamingDecoder(false);
    var text = new StringBuilder();
    int[] ids = example.ids();
    for (int t = 0; t < ids.length; t++) {
      boolean predicted = isPredicted(t);
      if (t == 0 || predicted != isPredicted(t - 1)) {
        text.append(begin(predicted, coloured));
      }
      text.append(decoder == null ? ids[t] + " " : decoder.push(ids[t]));
      if (t + 1 == ids.length && decoder != null) {
        text.append(decoder.flush());
      }
      if (t + 1 == ids.length || predicted != isPredicted(t + 1)) {
        text.append(coloured ? PLAIN : predicted ? "]]" : "");
      }
    }
    out.println(text);
  }

  private static String begin(boolean predicted, boolean coloured) {
    if (coloured) {
      return predicted ? PREDICTED : DIM;
    }
    return predicted ? "[[" : "";
  }

  /** Prints a line for each token. */
  void printTokens(PrintWriter out) {
    Table table = new Table(">place", ">id", ">label", "piece");
    int[] ids = example.ids();
    @Nullable Tokenizer pieces = tokenizer;
    for (int t = 0; t < ids.length; t++) {
      table.row(
          "" + t,
          "" + ids[t],
          "" + example.labels()[t],
          pieces != null && pieces.has(ids[t]) ? VisibleText.of(pieces.piece(ids[t])) : "");
    }
    table.print(out);
  }
}
