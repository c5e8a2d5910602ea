package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Texts as Python sees them: sequences of code points, with Python's idea of white space. */
final class Strings {
  private Strings() {}

  /** Python's {@code str.isspace}; all such characters are in the basic plane. */
  static boolean isSpace(int c) {
    return c == ' '
        || (c >= '\t' && c <= '\r')
        || (c >= 0x1c && c <= 0x1f)
        || c == 0x85
        || c == 0xa0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200a)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202f
        || c == 0x205f
        || c == 0x3000;
  }

  /** The number of code points. */
  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** The code points, each as a text. */
  static List<@Nullable Object> characters(String text) {
    List<@Nullable Object> characters = new ArrayList<>();
    for (int i = 0, end; i < text.length(); i = end) {
      end = text.offsetByCodePoints(i, 1);
      characters.add(text.substring(i, end));
    }
    return characters;
  }

  /** Compares by code points, not by the halves of surrogate pairs. */
  static int compare(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean pairs = Character.isSurrogate(x) != Character.isSurrogate(y);
        return pairs ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /**
   * Removes characters from the ends.
   *
   * @param characters which, or null for white space
   */
  static String strip(String text, @Nullable String characters, boolean left, boolean right) {
    int start = 0;
    int end = text.length();
    while (left && start < end && isOneOf(text.codePointAt(start), characters)) {
      start += Character.charCount(text.codePointAt(start));
    }
    while (right && end > start && isOneOf(text.codePointBefore(end), characters)) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(start, end);
  }

  private static boolean isOneOf(int c, @Nullable String characters) {
    return characters == null ? isSpace(c) : characters.indexOf(c) >= 0;
  }

  /** The parts between separators, of which at most {@code limit} count if it is not negative. */
  static List<@Nullable Object> split(String text, String separator, long limit) {
    List<@Nullable Object> parts = new ArrayList<>();
    int from = 0;
    for (int at = text.indexOf(separator);
        at >= 0 && parts.size() != limit;
        at = text.indexOf(separator, from)) {
      parts.add(text.substring(from, at));
      from = at + separator.length();
    }
    parts.add(text.substring(from));
    return parts;
  }

  /** The same with the last separators instead of the first. */
  static List<@Nullable Object> splitFromRight(String text, String separator, long limit) {
    List<@Nullable Object> parts = new ArrayList<>();
    int to = text.length();
    while (parts.size() != limit) {
      int at = to < separator.length() ? -1 : text.lastIndexOf(separator, to - separator.length());
      if (at < 0) {
        break;
      }
      parts.add(text.substring(at + separator.length(), to));
      to = at;
    }
    parts.add(text.substring(0, to));
    Collections.reverse(parts);
    return parts;
  }

  /** The words between stretches of white space. */
  static List<@Nullable Object> words(String text, long limit) {
    List<@Nullable Object> words = new ArrayList<>();
    int from = afterSpace(text, 0);
    while (from < text.length() && words.size() != limit) {
      int end = from;
      while (end < text.length() && !isSpace(text.charAt(end))) {
        end++;
      }
      words.add(text.substring(from, end));
      from = afterSpace(text, end);
    }
    if (from < text.length()) {
      words.add(text.substring(from));
    }
    return words;
  }

  private static int afterSpace(String text, int at) {
    int end = at;
    while (end < text.length() && isSpace(text.charAt(end))) {
      end++;
    }
    return end;
  }

  /** The lines, without their ends. */
  static List<@Nullable Object> lines(String text) {
    List<@Nullable Object> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean ends =
          (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || (c | 1) == 0x2029;
      if (ends) {
        lines.add(text.substring(from, i));
        if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
          i++;
        }
        from = i + 1;
      }
    }
    if (from < text.length()) {
      lines.add(text.substring(from));
    }
    return lines;
  }

  /** The text with its first character in title case and all others small. */
  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int end = text.offsetByCodePoints(0, 1);
    return title(text.codePointAt(0))
        + lower(text).substring(lower(text.substring(0, end)).length());
  }

  /** The title case of a character: of most the upper case, of ǆ ǅ, of ß Ss. */
  private static String title(int c) {
    int single = Character.toTitleCase(c);
    String upper = upper(new String(Character.toChars(c)));
    if (single != c || upper.codePointCount(0, upper.length()) == 1) {
      return new String(Character.toChars(single));
    }
    int first = upper.offsetByCodePoints(0, 1);
    return upper.substring(0, first) + lower(upper.substring(first));
  }

  /** Python's {@code str.title}: every letter after one that is none begins a word. */
  static String title(String text) {
    var title = new StringBuilder();
    boolean inWord = false;
    String lower = lower(text);
    boolean aligned = lower.length() == text.length();
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (!inWord) {
        title.append(title(c));
      } else if (aligned) {
        title.appendCodePoint(lower.codePointAt(i)); // knows a final sigma
      } else {
        title.append(lower(new String(Character.toChars(c))));
      }
      inWord = Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }
    return title.toString();
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** Where a part begins at or after an index of code points; -1 if nowhere. */
  static long find(String text, String part, boolean last) {
    int at = last ? text.lastIndexOf(part) : text.indexOf(part);
    return at < 0 ? -1 : text.codePointCount(0, at);
  }

  /** How often a part is in a text, without overlaps. */
  static long count(String text, String part) {
    return part.isEmpty() ? length(text) + 1L : split(text, part, -1).size() - 1L;
  }

  /** Replaces a part wherever it is, or the first times only if the limit is not negative. */
  static String replace(String text, String part, String by, long limit, Budget budget) {
    if (part.isEmpty()) {
      throw new TemplateException("replace needs at least one character to look for");
    }
    List<@Nullable Object> parts = split(text, part, limit);
    long length = text.length() + (parts.size() - 1L) * by.length();
    budget.requireLength(length);
    budget.spend(length);
    var replaced = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      replaced.append(i == 0 ? "" : by).append(parts.get(i));
    }
    return replaced.toString();
  }
}
