package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.text.template.Token.Kind;

/**
 * Cuts the source of a template into text and the tokens of its tags, and takes away the white
 * space around tags: what {@code -} asks for, the line break after a block or comment
 * (trim_blocks), and the blanks before one that begins a line (lstrip_blocks).
 */
final class Lexer {
  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  Lexer(String source) {
    String lines = source.replace("\r\n", "\n").replace('\r', '\n');
    // One line break at the end of a file belongs to the file.
    this.source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
  }

  List<Token> tokens() {
    while (at < source.length()) {
      int tag = nextTag();
      if (tag < 0) {
        add(Kind.DATA, source.substring(at));
        break;
      }
      char kind = source.charAt(tag + 1);
      char sign = signAt(tag + 2);
      addText(tag, kind, sign);
      skipTo(tag + (sign == 0 ? 2 : 3));
      if (kind == '#') {
        comment();
      } else if (kind == '{') {
        tag(Kind.OUTPUT_BEGIN, Kind.OUTPUT_END, "}}");
      } else if (!raw()) {
        tag(Kind.BLOCK_BEGIN, Kind.BLOCK_END, "%}");
      }
    }
    tokens.add(new Token(Kind.END, "", line));
    return tokens;
  }

  private int nextTag() {
    for (int i = source.indexOf('{', at); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  /** The {@code -} or {@code +} at an index, or 0. */
  private char signAt(int index) {
    char c = index < source.length() ? source.charAt(index) : 0;
    return c == '-' || c == '+' ? c : 0;
  }

  /** Adds the text before a tag, without the white space that the tag takes away. */
  private void addText(int tag, char kind, char sign) {
    int end = tag;
    if (sign == '-') {
      end = blanksBefore(tag, true);
    } else if (sign == 0 && kind != '{') {
      int blanks = blanksBefore(tag, false);
      if (blanks == 0 || source.charAt(blanks - 1) == '\n') {
        end = blanks;
      }
    }
    if (end > at) {
      add(Kind.DATA, source.substring(at, end));
    }
    skipTo(tag);
  }

  /** Where the white space that ends at an index begins, at most at the end of the last tag. */
  private int blanksBefore(int index, boolean lines) {
    int start = index;
    while (start > at && Strings.isSpace(source.charAt(start - 1))) {
      if (!lines && source.charAt(start - 1) == '\n') {
        break;
      }
      start--;
    }
    return start;
  }

  /** Moves on and counts lines. */
  private void skipTo(int index) {
    for (; at < index; at++) {
      if (source.charAt(at) == '\n') {
        line++;
      }
    }
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private void comment() {
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw new TemplateException(line, "a comment has no end; expected #}");
    }
    char sign = end > at ? signAt(end - 1) : 0;
    skipTo(end + 2);
    afterTag(sign, true);
  }

  /** Takes away the white space after the end of a tag. */
  private void afterTag(char sign, boolean trimmed) {
    int end = at;
    if (sign == '-') {
      while (end < source.length() && Strings.isSpace(source.charAt(end))) {
        end++;
      }
    } else if (sign == 0 && trimmed && end < source.length() && source.charAt(end) == '\n') {
      end++;
    }
    skipTo(end);
  }

  /** Reads <code>{% raw %}...{% endraw %}</code>, if that is what begins here. */
  private boolean raw() {
    int end = endOfWord("raw", at);
    char sign = end < 0 ? 0 : signAt(end);
    if (end < 0 || sign == '+' || !source.startsWith("%}", sign == 0 ? end : end + 1)) {
      return false;
    }
    skipTo(sign == 0 ? end + 2 : end + 3);
    afterTag(sign, false);
    for (int tag = source.indexOf("{%", at); tag >= 0; tag = source.indexOf("{%", tag + 2)) {
      char before = signAt(tag + 2);
      int word = endOfWord("endraw", before == 0 ? tag + 2 : tag + 3);
      char after = word < 0 ? 0 : signAt(word);
      if (word >= 0 && source.startsWith("%}", after == 0 ? word : word + 1)) {
        addText(tag, '%', before);
        skipTo(after == 0 ? word + 2 : word + 3);
        afterTag(after, true);
        return true;
      }
    }
    throw new TemplateException(line, "{% raw %} has no end; expected {% endraw %}");
  }

  /** The end of a word and the blanks around it, or -1 if it does not stand at the index. */
  private int endOfWord(String word, int index) {
    int start = afterBlanks(index);
    return source.startsWith(word, start) ? afterBlanks(start + word.length()) : -1;
  }

  private int afterBlanks(int index) {
    int i = index;
    while (i < source.length() && Strings.isSpace(source.charAt(i))) {
      i++;
    }
    return i;
  }

  /** The tokens of a tag, up to an end that stands in no bracket. */
  private void tag(Kind begin, Kind end, String close) {
    int start = line;
    add(begin, source.substring(at - 2, at));
    var words = new TagWords(source, tokens);
    while (at < source.length()) {
      if (words.isBalanced()) {
        // An output has no +}} : there a plus is an operator.
        char sign = signAt(at);
        int from = sign == '-' || (sign == '+' && end == Kind.BLOCK_END) ? at + 1 : at;
        if (source.startsWith(close, from)) {
          add(end, close);
          skipTo(from + 2);
          afterTag(sign, end == Kind.BLOCK_END);
          return;
        }
      }
      skipTo(words.read(at, line));
    }
    throw new TemplateException(start, "a tag has no end; expected " + close);
  }
}
