package org.mobilefinetuner.text;

import java.util.function.Consumer;

/**
 * Reads pieces like {@code <0xE4>} as bytes of UTF-8.
 *
 * <p>A run of bytes that is not UTF-8 becomes one U+FFFD for each byte, all of the run. An eager
 * stage gives out characters before it has seen the whole run, and of a broken run it spoils only
 * the rest.
 */
record ByteFallback() implements Decoder {

  /** The piece that stands for a byte, 0 to 255. */
  static String piece(int octet) {
    String hex = "0123456789ABCDEF";
    return "<0x" + hex.charAt(octet >> 4) + hex.charAt(octet & 15) + ">";
  }

  /** The byte of a piece, or -1 if it is none. */
  static int octet(String piece) {
    if (piece.length() != 6 || !piece.startsWith("<0x") || piece.charAt(5) != '>') {
      return -1;
    }
    int high = Character.digit(piece.charAt(3), 16);
    int low = Character.digit(piece.charAt(4), 16);
    boolean ascii = piece.charAt(3) < 0x80 && piece.charAt(4) < 0x80;
    return high < 0 || low < 0 || !ascii ? -1 : high << 4 | low;
  }

  @Override
  public Stage begin(boolean eager) {
    return new Bytes(eager);
  }

  private static final class Bytes implements Stage {
    private final boolean eager;
    private final StringBuilder text = new StringBuilder(); // of the run, not yet given out
    private Utf8 utf8 = new Utf8();
    private int pending; // bytes of the run, not yet given out

    Bytes(boolean eager) {
      this.eager = eager;
    }

    @Override
    public void push(String piece, Consumer<String> out) {
      int octet = octet(piece);
      if (octet < 0) {
        end(out);
        out.accept(piece);
        return;
      }
      utf8.push(octet, text);
      pending++;
      if (eager && utf8.whole() && utf8.valid()) {
        give(text.toString(), out);
      }
    }

    @Override
    public void end(Consumer<String> out) {
      if (pending > 0) {
        utf8.end(text);
        give(utf8.valid() ? text.toString() : replacements(pending), out);
        utf8 = new Utf8();
      }
    }

    private void give(String ready, Consumer<String> out) {
      text.setLength(0);
      pending = 0;
      out.accept(ready);
    }

    private static String replacements(int count) {
      var text = new StringBuilder();
      for (int i = 0; i < count; i++) {
        text.append('\ufffd');
      }
      return text.toString();
    }
  }
}
