package org.mobilefinetuner.text;

import org.jspecify.annotations.Nullable;

/**
 * A stretch of characters on its way from the user's text to the model, which knows where in that
 * text each of its characters came from.
 *
 * <p>Normalizers and pre-tokenizers cut spans into slices, which share the characters, or write new
 * spans with a {@link Writer}. Where nobody asks for offsets, the origins are not kept: then {@link
 * #startAt} and {@link #endAt} mean nothing.
 */
final class Span {
  final char[] chars;
  final int from;
  final int to;

  /** Whether the span begins where the user's text begins. */
  final boolean first;

  /** Whether origins are kept. */
  final boolean tracked;

  /** The origin of each of {@link #chars}; null: the character is still in its own place. */
  private final int @Nullable [] starts;

  private final int @Nullable [] ends;

  private Span(
      char[] chars,
      int from,
      int to,
      boolean first,
      boolean tracked,
      int @Nullable [] starts,
      int @Nullable [] ends) {
    this.chars = chars;
    this.from = from;
    this.to = to;
    this.first = first;
    this.tracked = tracked;
    this.starts = starts;
    this.ends = ends;
  }

  /** The whole of a user's text; halves of surrogate pairs that stand alone become U+FFFD. */
  static Span of(String text, boolean tracked) {
    char[] chars = text.toCharArray();
    for (int i = 0; i < chars.length; i++) {
      if (Character.isSurrogate(chars[i])) {
        if (i + 1 < chars.length && Character.isSurrogatePair(chars[i], chars[i + 1])) {
          i++;
        } else {
          chars[i] = '\ufffd';
        }
      }
    }
    return new Span(chars, 0, chars.length, true, tracked, null, null);
  }

  int length() {
    return to - from;
  }

  /** The part [start, end), in indices of {@link #chars}. */
  Span slice(int start, int end) {
    if (start == from && end == to) {
      return this;
    }
    return new Span(chars, start, end, first && start == from, tracked, starts, ends);
  }

  /** Where in the user's text the character at {@code index} begins. */
  int startAt(int index) {
    return starts == null ? index : starts[index];
  }

  /** Where in the user's text the character at {@code index} ends. */
  int endAt(int index) {
    return ends == null ? index + 1 : ends[index];
  }

  /** The code point at {@code index}, which is below {@link #to}. */
  int codePointAt(int index) {
    return Character.codePointAt(chars, index, to);
  }

  /** The number of chars, 1 or 2, of the code point at {@code index}. */
  int widthAt(int index) {
    return Character.isHighSurrogate(chars[index]) ? 2 : 1; // pairs are whole, see of()
  }

  @Override
  public String toString() {
    return new String(chars, from, to - from);
  }

  /** Writes the span that replaces another one. */
  static final class Writer {
    private final Span source;
    private char[] chars;
    private int @Nullable [] starts;
    private int @Nullable [] ends;
    private int size;

    Writer(Span source, int expectedLength) {
      this.source = source;
      chars = new char[Math.max(8, expectedLength)];
      if (source.tracked) {
        starts = new int[chars.length];
        ends = new int[chars.length];
      }
    }

    /** Appends a character that stands for [start, end) of the source, in indices of its chars. */
    void add(char c, int start, int end) {
      if (size == chars.length) {
        chars = java.util.Arrays.copyOf(chars, 2 * size);
        starts = starts == null ? null : java.util.Arrays.copyOf(starts, 2 * size);
        ends = ends == null ? null : java.util.Arrays.copyOf(ends, 2 * size);
      }
      if (starts != null && ends != null) {
        starts[size] = source.startAt(start);
        ends[size] = source.endAt(end - 1);
      }
      chars[size++] = c;
    }

    /** Appends characters that together stand for [start, end) of the source. */
    void addAll(String text, int start, int end) {
      for (int i = 0; i < text.length(); i++) {
        add(text.charAt(i), start, end);
      }
    }

    /** Appends the source's characters [start, end) as they are. */
    void copy(int start, int end) {
      for (int i = start; i < end; i++) {
        add(source.chars[i], i, i + 1);
      }
    }

    Span done() {
      return new Span(chars, 0, size, source.first, source.tracked, starts, ends);
    }
  }
}
