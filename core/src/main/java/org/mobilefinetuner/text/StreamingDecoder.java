package org.mobilefinetuner.text;

/**
 * Decodes ids that come one at a time, giving out text as soon as its characters are whole.
 *
 * <p>What all calls give out, put together, is the text that {@link Tokenizer#decode(int[],
 * boolean)} gives for all ids. (One exception: in a run of byte pieces that is not UTF-8, the
 * characters before the first mistake have been given out already.)
 */
public final class StreamingDecoder {
  private final Tokenizer tokenizer;
  private final Decoder.Stage stage;
  private final boolean skipSpecial;
  private final StringBuilder ready = new StringBuilder();

  StreamingDecoder(Tokenizer tokenizer, Decoder.Stage stage, boolean skipSpecial) {
    this.tokenizer = tokenizer;
    this.stage = stage;
    this.skipSpecial = skipSpecial;
  }

  /** Takes the next id; returns the text that can be printed now, which may be empty. */
  public String push(int id) {
    String piece = tokenizer.decodable(id, skipSpecial);
    if (piece != null) {
      stage.push(piece, ready::append);
    }
    return take();
  }

  /** Ends the text; returns the rest of it. The decoder must not be used any more. */
  public String flush() {
    stage.end(ready::append);
    return take();
  }

  private String take() {
    String text = ready.toString();
    ready.setLength(0);
    return text;
  }
}
