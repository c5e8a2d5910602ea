package org.mobilefinetuner.text.template;

/** Reads strings in quotes with the escapes of Python. */
final class StringLiteral {
  private StringLiteral() {}

  /** The index after the closing quote. */
  static int end(String source, int at, int line) {
    char quote = source.charAt(at);
    for (int i = at + 1; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == quote) {
        return i + 1;
      }
    }
    throw new TemplateException(line, "a string has no end; expected " + quote);
  }

  /** The text that stands between two quotes. */
  static String read(String source, int from, int to, int line) {
    var text = new StringBuilder(to - from);
    for (int i = from; i < to; i++) {
      char c = source.charAt(i);
      if (c != '\\') {
        text.append(c);
      } else {
        i = escape(source, i + 1, to, line, text) - 1;
      }
    }
    return text.toString();
  }

  /** Appends what the escape means whose letter stands at an index; returns where it ends. */
  private static int escape(String source, int at, int to, int line, StringBuilder text) {
    char c = source.charAt(at);
    switch (c) {
      case '\n' -> {} // a line that goes on
      case '\\', '\'', '"' -> text.append(c);
      case 'a' -> text.append('\u0007');
      case 'b' -> text.append('\b');
      case 'f' -> text.append('\f');
      case 'n' -> text.append('\n');
      case 'r' -> text.append('\r');
      case 't' -> text.append('\t');
      case 'v' -> text.append('\u000b');
      case 'x' -> {
        return code(source, at + 1, at + 3, to, 16, line, text);
      }
      case 'u' -> {
        return code(source, at + 1, at + 5, to, 16, line, text);
      }
      case 'U' -> {
        return code(source, at + 1, at + 9, to, 16, line, text);
      }
      case '0', '1', '2', '3', '4', '5', '6', '7' -> {
        int end = at + 1;
        while (end < to && end < at + 3 && Character.digit(source.charAt(end), 8) >= 0) {
          end++;
        }
        return code(source, at, end, to, 8, line, text);
      }
      case 'N' -> throw new TemplateException(line, "\\N{...} is not supported; use \\uXXXX");
      default -> text.append('\\').append(c);
    }
    return at + 1;
  }

  private static int code(
      String source, int from, int end, int to, int radix, int line, StringBuilder text) {
    int code = 0;
    for (int i = from; i < end; i++) {
      int digit = i < to ? Character.digit(source.charAt(i), radix) : -1;
      if (digit < 0 || code > Character.MAX_CODE_POINT) {
        code = -1;
        break;
      }
      code = radix * code + digit;
    }
    if (code < 0 || code > Character.MAX_CODE_POINT) {
      throw new TemplateException(line, "a string has an escape that is no character");
    }
    text.appendCodePoint(code);
    return end;
  }
}
