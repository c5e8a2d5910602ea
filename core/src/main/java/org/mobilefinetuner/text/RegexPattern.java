package org.mobilefinetuner.text;

import java.io.IOException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.mobilefinetuner.io.BoundedRegex;
import org.mobilefinetuner.io.JsonObject;

/**
 * A regular expression in the dialect of tokenizer files (Oniguruma), run by {@link Pattern}.
 *
 * <p>The escapes that mean something else in Java, or on Android, are spelled out; what has no
 * equal is refused. {@code \p{...}} follows the Unicode version of the platform: the expressions of
 * the common models are in {@link WordPattern}, which does not.
 */
final class RegexPattern implements TextPattern {
  /** Unicode's White_Space, as the inside of a bracket. */
  private static final String SPACE =
      "\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

  private static final String WORD = "\\p{L}\\p{M}\\p{N}\\p{Pc}";

  /** More than any tokenizer has; the platform's parser recurses, and ends the thread's stack. */
  private static final int MAX_LENGTH = 4096;

  private static final int MAX_DEPTH = 50;

  private final String regex;
  private final BoundedRegex pattern;

  private RegexPattern(String regex, Pattern pattern) {
    this.regex = regex;
    this.pattern = new BoundedRegex(pattern);
  }

  static RegexPattern of(String regex, JsonObject field) throws IOException {
    try {
      int unicodeCase = Pattern.UNICODE_CASE; // counts only inside (?i:...)
      return new RegexPattern(regex, Pattern.compile(translate(regex), unicodeCase));
    } catch (PatternSyntaxException e) {
      String shown = regex.length() > 200 ? regex.substring(0, 200) + "..." : regex;
      throw field.wrong("has a Regex that is not supported: " + e.getDescription() + ": " + shown);
    }
  }

  @Override
  public void findAll(Span text, Matches matches) {
    pattern.findAll(
        text.toString(), (start, end) -> matches.match(text.from + start, text.from + end));
  }

  @Override
  public String toString() {
    return regex;
  }

  /** The same expression in Java's dialect. */
  static String translate(String regex) {
    var java = new StringBuilder(2 * regex.length());
    int brackets = 0;
    int depth = 0;
    if (regex.length() > MAX_LENGTH) {
      throw new PatternSyntaxException("longer than " + MAX_LENGTH + " characters", "", -1);
    }
    for (int at = 0; at < regex.length(); at++) {
      char c = regex.charAt(at);
      if (c == '\\' && at + 1 < regex.length()) {
        at = escape(regex, at, brackets > 0, java);
        continue;
      }
      if (c == '[') {
        if (regex.startsWith("[:", at)) {
          throw new PatternSyntaxException("a POSIX bracket", regex, at);
        }
        brackets++;
        depth++;
      } else if (c == ']') {
        brackets--;
        depth--;
      } else if (brackets == 0 && c == '(') {
        depth++;
        if (regex.startsWith("(?", at)) {
          requireKnownGroup(regex, at);
        }
      } else if (brackets == 0 && c == ')') {
        depth--;
      }
      if (depth > MAX_DEPTH) {
        throw new PatternSyntaxException("nested deeper than " + MAX_DEPTH, regex, at);
      }
      java.append(c);
    }
    return java.toString();
  }

  private static void requireKnownGroup(String regex, int at) {
    String[] known = {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?i)"};
    for (String each : known) {
      if (regex.startsWith(each, at)) {
        return;
      }
    }
    String group = regex.substring(at, Math.min(at + 4, regex.length()));
    throw new PatternSyntaxException("the group " + group, regex, at);
  }

  /** Translates the escape at {@code at}; returns the index of its last character. */
  private static int escape(String regex, int at, boolean inBrackets, StringBuilder java) {
    char c = regex.charAt(at + 1);
    switch (c) {
      case 's', 'S' -> appendClass(java, SPACE, c == 'S', inBrackets);
      case 'w', 'W' -> appendClass(java, WORD, c == 'W', inBrackets);
      case 'd', 'D' -> appendClass(java, "\\p{Nd}", c == 'D', inBrackets);
      case 'p', 'P' -> {
        return property(regex, at, java);
      }
      case 'v' -> java.append("\\x0b"); // in Java it is a class
      case 'u', 'x', 't', 'n', 'r', 'f', 'a' -> java.append('\\').append(c); // the same in both
      default -> {
        if (Character.isLetterOrDigit(c)) {
          throw new PatternSyntaxException("the escape \\" + c, regex, at);
        }
        java.append('\\').append(c);
      }
    }
    return at + 1;
  }

  private static void appendClass(
      StringBuilder java, String inside, boolean negated, boolean inBrackets) {
    if (inBrackets && !negated) {
      java.append(inside);
    } else {
      java.append(negated ? "[^" : "[").append(inside).append(']');
    }
  }

  /** {@code \p{Name}}: a general category as it is, a script by its Java name. */
  private static int property(String regex, int at, StringBuilder java) {
    int close = regex.indexOf('}', at);
    if (!regex.startsWith("{", at + 2) || close < 0) {
      throw new PatternSyntaxException("a property without braces", regex, at);
    }
    String name = regex.substring(at + 3, close);
    boolean negated = name.startsWith("^");
    name = negated ? name.substring(1) : name;
    char p = regex.charAt(at + 1);
    char sign = negated ? (p == 'p' ? 'P' : 'p') : p;
    String prefix = name.length() > 2 && !name.startsWith("Is") ? "Is" : "";
    java.append('\\').append(sign).append('{').append(prefix).append(name).append('}');
    return close;
  }
}
