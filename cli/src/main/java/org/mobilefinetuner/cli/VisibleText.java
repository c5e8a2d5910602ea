package org.mobilefinetuner.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A text on one line, with what cannot be seen spelled out. */
final class VisibleText {
  private VisibleText() {}

  static String of(String text) {
    var all = new StringBuilder(text.length());
    for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
      int c = text.codePointAt(at);
      String spelled = spelled(c);
      if (spelled == null) {
        all.appendCodePoint(c);
      } else {
        all.append(spelled);
      }
    }
    return all.toString();
  }

  private static @Nullable String spelled(int c) {
    return switch (c) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default ->
          switch (Character.getType(c)) {
            case Character.CONTROL,
                Character.FORMAT,
                Character.LINE_SEPARATOR,
                Character.PARAGRAPH_SEPARATOR,
                Character.SURROGATE,
                Character.UNASSIGNED ->
                String.format(Locale.ROOT, "\\u{%x}", c);
            default -> null;
          };
    };
  }
}
