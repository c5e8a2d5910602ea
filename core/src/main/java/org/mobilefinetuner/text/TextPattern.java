package org.mobilefinetuner.text;

import java.io.IOException;
import org.mobilefinetuner.io.JsonObject;

/** What a tokenizer file's {@code {"String": ...}} or {@code {"Regex": ...}} matches in a text. */
sealed interface TextPattern
    permits TextPattern.Literal, TextPattern.Digit, WordPattern, RegexPattern {

  /** Receives the matches of a pattern, which do not overlap, from left to right. */
  @FunctionalInterface
  interface Matches {
    /** A match of [start, end), in indices of the span's characters. */
    void match(int start, int end);
  }

  /** Finds all matches in a span; what surrounds the span is out of sight. */
  void findAll(Span text, Matches matches);

  /** The pattern that a field of a tokenizer file describes. */
  static TextPattern of(JsonObject field) throws IOException {
    String literal = field.stringOrNull("String");
    if (literal != null) {
      if (literal.isEmpty()) {
        throw field.wrong("has an empty String, it needs at least one character");
      }
      return new Literal(literal);
    }
    String regex = field.string("Regex");
    for (WordPattern known : WordPattern.values()) {
      if (known.regex().equals(regex)) {
        return known;
      }
    }
    return RegexPattern.of(regex, field);
  }

  /** Any single character of Unicode's general category N. */
  record Digit() implements TextPattern {
    @Override
    public void findAll(Span text, Matches matches) {
      for (int at = text.from, end; at < text.to; at = end) {
        end = at + text.widthAt(at);
        if (UnicodeClasses.of(text.codePointAt(at)) == UnicodeClasses.NUMBER) {
          matches.match(at, end);
        }
      }
    }
  }

  /** A pattern that matches itself. */
  record Literal(String text) implements TextPattern {
    @Override
    public void findAll(Span span, Matches matches) {
      char first = text.charAt(0);
      int last = span.to - text.length();
      for (int at = span.from; at <= last; at++) {
        if (span.chars[at] == first && matchesAt(span.chars, at)) {
          matches.match(at, at + text.length());
          at += text.length() - 1;
        }
      }
    }

    private boolean matchesAt(char[] chars, int at) {
      for (int i = 1; i < text.length(); i++) {
        if (chars[at + i] != text.charAt(i)) {
          return false;
        }
      }
      return true;
    }
  }
}
