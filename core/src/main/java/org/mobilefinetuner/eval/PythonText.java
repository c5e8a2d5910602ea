package org.mobilefinetuner.eval;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What Python's string methods do where Java's differ: the evaluations were defined in Python. */
final class PythonText {
  /** A character class of what {@code \s} and {@code str.strip} take for white space. */
  static final String SPACE =
      "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";

  private PythonText() {}

  static boolean isSpace(char c) {
    return c >= '\t' && c <= '\r'
        || c >= 0x1c && c <= 0x20
        || c == 0x85
        || c == 0xa0
        || c == 0x1680
        || c >= 0x2000 && c <= 0x200a
        || c == 0x2028
        || c == 0x2029
        || c == 0x202f
        || c == 0x205f
        || c == 0x3000;
  }

  /** {@code text.strip()}. */
  static String strip(String text) {
    int from = 0;
    while (from < text.length() && isSpace(text.charAt(from))) {
      from++;
    }
    return text.substring(from, lengthWithoutTrailingSpace(text, from));
  }

  /** {@code len(text.rstrip())}. */
  static int lengthWithoutTrailingSpace(String text) {
    return lengthWithoutTrailingSpace(text, 0);
  }

  private static int lengthWithoutTrailingSpace(String text, int from) {
    int to = text.length();
    while (to > from && isSpace(text.charAt(to - 1))) {
      to--;
    }
    return to;
  }

  /** {@code text.capitalize()}: the first letter large, all others small. */
  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.codePointAt(0);
    int rest = Character.charCount(first);
    return new StringBuilder()
        .appendCodePoint(Character.toTitleCase(first))
        .append(text.substring(rest).toLowerCase(Locale.ROOT))
        .toString();
  }

  /** {@code len(re.split(r"\s+", text))}: the runs of white space, and one. */
  static long words(String text) {
    long words = 1;
    boolean space = false;
    for (int i = 0; i < text.length(); i++) {
      boolean now = isSpace(text.charAt(i));
      words += now && !space ? 1 : 0;
      space = now;
    }
    return words;
  }

  /** {@code len(text)}: code points. */
  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** {@code len(text.encode("utf-8"))}. */
  static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
