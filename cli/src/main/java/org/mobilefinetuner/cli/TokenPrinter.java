package org.mobilefinetuner.cli;

import java.io.PrintWriter;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.text.StreamingDecoder;
import org.mobilefinetuner.text.Tokenizer;

/** Turns tokens into text as they come: pieces of words, or numbers if there is no tokenizer. */
final class TokenPrinter implements IntConsumer {
  private final @Nullable StreamingDecoder decoder;
  private final @Nullable PrintWriter out;
  private final StringBuilder all = new StringBuilder();

  /**
   * @param out where text goes at once, or null
   */
  TokenPrinter(@Nullable Tokenizer tokenizer, @Nullable PrintWriter out) {
    this.decoder = tokenizer == null ? null : tokenizer.streamingDecoder(true);
    this.out = out;
  }

  @Override
  public void accept(int token) {
    if (decoder != null) {
      print(decoder.push(token));
    } else {
      print((all.isEmpty() ? "" : " ") + token);
    }
  }

  /** Ends the text and gives all of it. */
  String end() {
    if (decoder != null) {
      print(decoder.flush());
    }
    if (out != null) {
      out.println();
    }
    return all.toString();
  }

  private void print(String text) {
    all.append(text);
    if (out != null) {
      out.print(text);
      out.flush();
    }
  }
}
