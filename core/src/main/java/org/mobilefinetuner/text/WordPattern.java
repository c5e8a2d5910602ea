package org.mobilefinetuner.text;

import static org.mobilefinetuner.text.UnicodeClasses.LETTER;
import static org.mobilefinetuner.text.UnicodeClasses.NEWLINE;
import static org.mobilefinetuner.text.UnicodeClasses.NUMBER;
import static org.mobilefinetuner.text.UnicodeClasses.OTHER;
import static org.mobilefinetuner.text.UnicodeClasses.SPACE;

/**
 * The regular expressions that cut a text into words for most byte-level models, written out by
 * hand.
 *
 * <p>Each looks at a character at most a few times, so they are linear in the text, and they use
 * our own classes of characters, so they give the same words on every platform. Between them, the
 * matches of each leave nothing out.
 */
enum WordPattern implements TextPattern {
  /** GPT-2's. */
  GPT2("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+") {
    @Override
    int end(Span text, int at) {
      char c = text.chars[at];
      if (c == '\'') {
        int end = contraction(text, at, false);
        if (end > 0) {
          return end;
        }
      }
      int body = c == ' ' ? at + 1 : at; // an optional space, then a run of one class
      if (body < text.to) {
        byte kind = kindAt(text, body);
        if (kind < SPACE) {
          return run(text, body, kind, Integer.MAX_VALUE);
        }
      }
      return blank(text, at);
    }
  },

  /** Qwen2's: every digit alone. */
  QWEN2(modern("\\p{N}")) {
    @Override
    int end(Span text, int at) {
      return modernEnd(text, at, 1);
    }
  },

  /** Llama 3's and cl100k's: up to three digits together. */
  LLAMA3(modern("\\p{N}{1,3}")) {
    @Override
    int end(Span text, int at) {
      return modernEnd(text, at, 3);
    }
  };

  private final String regex;

  WordPattern(String regex) {
    this.regex = regex;
  }

  private static String modern(String numbers) {
    return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
        + numbers
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  /** The expression as tokenizer files write it. */
  String regex() {
    return regex;
  }

  /** The end of the match that begins at {@code at}. */
  abstract int end(Span text, int at);

  @Override
  public void findAll(Span text, Matches matches) {
    for (int at = text.from, end; at < text.to; at = end) {
      end = end(text, at);
      matches.match(at, end);
    }
  }

  private static int modernEnd(Span text, int at, int maxDigits) {
    char c = text.chars[at];
    if (c == '\'') {
      int end = contraction(text, at, true);
      if (end > 0) {
        return end;
      }
    }
    byte kind = kindAt(text, at);
    if (kind == LETTER) {
      return run(text, at, LETTER, Integer.MAX_VALUE);
    }
    if (kind == NUMBER) {
      return run(text, at, NUMBER, maxDigits);
    }
    int next = at + text.widthAt(at);
    if (kind != NEWLINE && next < text.to && kindAt(text, next) == LETTER) {
      return run(text, next, LETTER, Integer.MAX_VALUE); // one other character before a word
    }
    int body = c == ' ' ? next : at;
    if (body < text.to && kindAt(text, body) == OTHER) {
      int end = run(text, body, OTHER, Integer.MAX_VALUE);
      return run(text, end, NEWLINE, Integer.MAX_VALUE);
    }
    int lastNewline = -1;
    for (int i = at; i < text.to && kindAt(text, i) >= SPACE; i++) { // all in the basic plane
      lastNewline = kindAt(text, i) == NEWLINE ? i : lastNewline;
    }
    return lastNewline < 0 ? blank(text, at) : lastNewline + 1;
  }

  /** {@code \s+(?!\S)|\s+}: white space, but its last character if something follows. */
  private static int blank(Span text, int at) {
    int end = at;
    while (end < text.to && kindAt(text, end) >= SPACE) {
      end++;
    }
    return end == text.to || end == at + 1 ? end : end - 1;
  }

  /** The end of at most {@code max} characters of one class. */
  private static int run(Span text, int at, byte kind, int max) {
    int end = at;
    for (int n = 0; n < max && end < text.to && kindAt(text, end) == kind; n++) {
      end += text.widthAt(end);
    }
    return end;
  }

  private static byte kindAt(Span text, int at) {
    return UnicodeClasses.of(text.codePointAt(at));
  }

  /** The end of 's 't 're 've 'm 'll 'd at an apostrophe, or -1. */
  private static int contraction(Span text, int at, boolean anyCase) {
    if (at + 1 >= text.to) {
      return -1;
    }
    char a = lower(text.chars[at + 1], anyCase);
    if (a == 's' || a == 't' || a == 'm' || a == 'd') {
      return at + 2;
    }
    char b = at + 2 < text.to ? lower(text.chars[at + 2], anyCase) : 0;
    boolean two = ((a == 'r' || a == 'v') && b == 'e') || (a == 'l' && b == 'l');
    return two ? at + 3 : -1;
  }

  private static char lower(char c, boolean anyCase) {
    if (anyCase && c >= 'A' && c <= 'Z') {
      return (char) (c + ('a' - 'A'));
    }
    return anyCase && c == '\u017f' ? 's' : c; // the long s folds to s
  }
}
