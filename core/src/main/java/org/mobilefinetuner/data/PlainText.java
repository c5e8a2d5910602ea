package org.mobilefinetuner.data;

import java.io.IOException;
import java.io.Reader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;

/**
 * Tokenises a long text piece by piece, so that only a piece of it is in memory.
 *
 * <p>A piece ends at a line break inside the text where it makes no difference: the characters
 * around it have the same tokens as one text and as two. Where a tokenizer makes a difference
 * everywhere, by a space in front of every text for one, the text is a single piece.
 */
final class PlainText {
  private static final int AROUND = 256; // characters on both sides of a cut that are compared
  private static final int ATTEMPTS = 100;

  private final Encoder encoder;
  private final int pieceLength;

  /** The ids of a text. */
  @FunctionalInterface
  interface Encoder {
    int[] encode(String text) throws FormatException;
  }

  /** Takes the ids of a piece. */
  @FunctionalInterface
  interface Sink {
    /**
     * @return whether to go on
     */
    boolean accept(int... ids) throws IOException;
  }

  /**
   * @param pieceLength how many characters a piece has at least
   */
  PlainText(Encoder encoder, int pieceLength) {
    this.encoder = encoder;
    this.pieceLength = pieceLength;
  }

  /** Gives the ids of all pieces to {@code sink}. */
  void read(Reader text, Sink sink) throws IOException {
    StringBuilder held = new StringBuilder();
    char[] some = new char[1 << 13];
    int wanted = pieceLength;
    for (int n = text.read(some); n >= 0; n = text.read(some)) {
      held.append(some, 0, n);
      if (held.length() < wanted) {
        continue;
      }
      int end = cut(held);
      if (end > 0) {
        if (!sink.accept(encoder.encode(held.substring(0, end)))) {
          return;
        }
        held.delete(0, end);
        wanted = pieceLength;
      } else {
        wanted = held.length() + pieceLength;
      }
    }
    sink.accept(encoder.encode(held.toString()));
  }

  /** Where a text can be cut, as near to its end as possible; 0 if it cannot. */
  private int cut(StringBuilder text) throws FormatException {
    int at = text.length() - AROUND;
    for (int attempt = 0; attempt < ATTEMPTS && at > 0; attempt++) {
      int lineBreak = text.lastIndexOf("\n", at - 1);
      if (lineBreak < 1) {
        return 0;
      }
      at = lineBreak;
      if (isAlone(text, lineBreak) && makesNoDifference(text, lineBreak + 1)) {
        return lineBreak + 1;
      }
    }
    return 0;
  }

  private static boolean isAlone(StringBuilder text, int lineBreak) {
    return !Character.isWhitespace(text.charAt(lineBreak - 1))
        && !Character.isWhitespace(text.charAt(lineBreak + 1));
  }

  private boolean makesNoDifference(StringBuilder text, int cut) throws FormatException {
    int from = Math.max(0, cut - AROUND);
    int to = Math.min(text.length(), cut + AROUND);
    int[] whole = encoder.encode(text.substring(from, to));
    int[] left = encoder.encode(text.substring(from, cut));
    int[] right = encoder.encode(text.substring(cut, to));
    int[] both = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, both, left.length, right.length);
    return Arrays.equals(whole, both);
  }

  /** Cuts ids that come in pieces into blocks of one length; the last may be shorter. */
  static final class Blocks implements Sink {
    private final int length;
    private final Sink sink;
    private int @Nullable [] rest;

    Blocks(int length, Sink sink) {
      this.length = length;
      this.sink = sink;
    }

    @Override
    public boolean accept(int... ids) throws IOException {
      int[] all = ids;
      if (rest != null) {
        all = Arrays.copyOf(rest, Math.addExact(rest.length, ids.length));
        System.arraycopy(ids, 0, all, rest.length, ids.length);
      }
      int at = 0;
      for (; all.length - at >= length; at += length) {
        if (!sink.accept(Arrays.copyOfRange(all, at, at + length))) {
          return false;
        }
      }
      rest = Arrays.copyOfRange(all, at, all.length);
      return true;
    }

    /** Gives out the last block if it has a token to predict. */
    void end() throws IOException {
      if (rest != null && rest.length > 1) {
        sink.accept(rest);
      }
    }
  }
}
