package org.mobilefinetuner.text.template;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.mobilefinetuner.text.template.Token.Kind;

/** Reads the names, numbers, strings and operators inside one tag of a template. */
final class TagWords {
  /** Longer ones first. */
  private static final List<String> OPERATORS =
      Arrays.asList(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final List<Token> tokens;
  private final Deque<String> open = new ArrayDeque<>();

  TagWords(String source, List<Token> tokens) {
    this.source = source;
    this.tokens = tokens;
  }

  /** Whether all brackets are closed. */
  boolean isBalanced() {
    return open.isEmpty();
  }

  /** Adds the token at an index, if it is not white space, and returns where it ends. */
  int read(int at, int line) {
    char c = source.charAt(at);
    if (Strings.isSpace(c)) {
      return at + 1;
    }
    if (c == '"' || c == '\'') {
      int end = StringLiteral.end(source, at, line);
      tokens.add(new Token(Kind.STRING, StringLiteral.read(source, at + 1, end - 1, line), line));
      return end;
    }
    if (isDigit(at)) {
      return number(at, line);
    }
    if (c == '_' || Character.isLetter(source.codePointAt(at))) {
      int end = at;
      while (end < source.length() && isNamePart(source.codePointAt(end))) {
        end += Character.charCount(source.codePointAt(end));
      }
      tokens.add(new Token(Kind.NAME, source.substring(at, end), line));
      return end;
    }
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, at)) {
        balance(operator, line);
        tokens.add(new Token(Kind.OPERATOR, operator, line));
        return at + operator.length();
      }
    }
    String shown = new String(Character.toChars(source.codePointAt(at)));
    throw new TemplateException(line, "unexpected character '" + shown + "' in a tag");
  }

  private static boolean isNamePart(int c) {
    return c == '_' || Character.isLetterOrDigit(c);
  }

  private boolean isDigit(int at) {
    return at < source.length() && source.charAt(at) >= '0' && source.charAt(at) <= '9';
  }

  private int number(int at, int line) {
    int end = digits(at);
    boolean index = at > 0 && source.charAt(at - 1) == '.'; // of a.0.1, say
    Kind kind = Kind.INTEGER;
    if (!index && end < source.length() && source.charAt(end) == '.' && isDigit(end + 1)) {
      kind = Kind.FLOAT;
      end = digits(end + 1);
    }
    if (!index && end < source.length() && (source.charAt(end) | 32) == 'e') {
      boolean signed = end + 1 < source.length() && "+-".indexOf(source.charAt(end + 1)) >= 0;
      int power = signed ? end + 2 : end + 1;
      if (isDigit(power)) {
        kind = Kind.FLOAT;
        end = digits(power);
      }
    }
    tokens.add(new Token(kind, source.substring(at, end).replace("_", ""), line));
    return end;
  }

  /** Where digits end, between which single underscores may stand. */
  private int digits(int at) {
    int end = at;
    while (isDigit(end)
        || (end < source.length() && source.charAt(end) == '_' && isDigit(end + 1))) {
      end++;
    }
    return end;
  }

  private void balance(String operator, int line) {
    switch (operator) {
      case "(" -> open.push(")");
      case "[" -> open.push("]");
      case "{" -> open.push("}");
      case ")", "]", "}" -> {
        String expected = open.poll();
        if (!operator.equals(expected)) {
          throw new TemplateException(
              line,
              "unexpected '"
                  + operator
                  + "'"
                  + (expected == null ? "; no bracket is open" : ", expected '" + expected + "'"));
        }
      }
      default -> {}
    }
  }
}
