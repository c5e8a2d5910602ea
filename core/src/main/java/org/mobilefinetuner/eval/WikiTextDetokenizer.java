package org.mobilefinetuner.eval;

import java.util.regex.Pattern;

/**
 * Undoes WikiText's tokenisation, as lm-eval's task {@code wikitext} does: the same replacements in
 * the same order, those that never match included.
 */
final class WikiTextDetokenizer {
  private static final Pattern APOSTROPHE_DIGIT = Pattern.compile("/' [0-9]/");
  private static final Pattern ROUND = inside("\\(", "\\)");
  private static final Pattern SQUARE = inside("\\[", "\\]");
  private static final Pattern CURLY = inside("\\{", "\\}");
  private static final Pattern QUOTES = inside("\"", "\"");
  private static final Pattern APOSTROPHES = inside("'", "'");

  private WikiTextDetokenizer() {}

  private static Pattern inside(String open, String close) {
    String space = PythonText.SPACE + "*";
    return Pattern.compile(open + space + "([^" + close + "]*?)" + space + close);
  }

  static String apply(String page) {
    String s = page.replace("s '", "s'");
    s = APOSTROPHE_DIGIT.matcher(s).replaceAll("/'[0-9]/");
    s = s.replace(" @-@ ", "-").replace(" @,@ ", ",").replace(" @.@ ", ".");
    s = s.replace(" : ", ": ").replace(" ; ", "; ").replace(" . ", ". ");
    s = s.replace(" ! ", "! ").replace(" ? ", "? ").replace(" , ", ", ");
    s = ROUND.matcher(s).replaceAll("($1)");
    s = SQUARE.matcher(s).replaceAll("[$1]");
    s = CURLY.matcher(s).replaceAll("{$1}");
    s = QUOTES.matcher(s).replaceAll("\"$1\"");
    s = APOSTROPHES.matcher(s).replaceAll("'$1'");
    s = s.replace("= = = =", "====").replace("= = =", "===").replace("= =", "==");
    s = s.replace(" \u00b0 ", "\u00b0");
    s = s.replace(" \n", "\n").replace("\n ", "\n");
    return s.replace(" N ", " 1 ").replace(" 's", "'s");
  }
}
