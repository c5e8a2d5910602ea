package org.mobilefinetuner.text;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts long runs of combining marks into canonical order (Unicode Standard, section 3.11) before
 * the platform does, whose sorting takes time with the square of their number.
 *
 * <p>The platform does not tell the combining class of a mark, but which of two it puts first. So
 * the different marks of a run are ordered by asking it, and then their occurrences by counting.
 */
final class MarkOrder {
  /** Shorter runs cost nothing, and a text that is meant to be read has no others. */
  private static final int LONG = 64;

  private MarkOrder() {}

  /** The same text, or one with the same normal forms whose long runs of marks are in order. */
  static String sorted(String text) {
    if (!hasLongRun(text)) {
      return text;
    }
    var all = new StringBuilder(text.length());
    Map<Integer, Boolean> marks = new HashMap<>();
    List<Integer> run = new ArrayList<>();
    for (int at = 0, c; at < text.length(); at += Character.charCount(c)) {
      c = text.codePointAt(at);
      if (c >= 0x300 && marks.computeIfAbsent(c, MarkOrder::isMark)) {
        run.add(c);
      } else {
        append(run, all);
        run.clear();
        all.appendCodePoint(c);
      }
    }
    append(run, all);
    return all.toString();
  }

  private static boolean hasLongRun(String text) {
    int run = 0;
    for (int at = 0, c; at < text.length() && run <= LONG; at += Character.charCount(c)) {
      c = text.codePointAt(at);
      int type = c < 0x300 ? Character.CONTROL : Character.getType(c);
      boolean mark =
          type == Character.NON_SPACING_MARK
              || type == Character.COMBINING_SPACING_MARK
              || type == Character.ENCLOSING_MARK;
      run = mark ? run + 1 : 0;
    }
    return run > LONG;
  }

  /** Whether a character is a mark that others may pass, and has no decomposition. */
  private static boolean isMark(int c) {
    // U+0334 has the lowest class, 1, and U+0345 the highest, 240
    return Normalizer.isNormalized(new String(Character.toChars(c)), Form.NFD)
        && (swaps(c, 0x334) || swaps(0x345, c));
  }

  /** Whether the class of {@code first} is above that of {@code second}, and neither is 0. */
  private static boolean swaps(int first, int second) {
    var pair = new StringBuilder().appendCodePoint(first).appendCodePoint(second);
    return !Normalizer.isNormalized(pair, Form.NFD);
  }

  private static void append(List<Integer> run, StringBuilder to) {
    if (run.size() <= LONG) {
      for (int c : run) {
        to.appendCodePoint(c);
      }
      return;
    }
    Map<Integer, List<Integer>> places = new HashMap<>(); // of each mark, those of its class
    List<List<Integer>> classes = new ArrayList<>();
    List<Integer> firsts = new ArrayList<>(); // a mark of each class, in order
    for (int c : run) {
      places.computeIfAbsent(c, mark -> classOf(mark, firsts, classes)).add(c);
    }
    for (List<Integer> each : classes) {
      for (int c : each) {
        to.appendCodePoint(c);
      }
    }
  }

  /** The list of a mark's class, which is made where the mark is the first of its class. */
  private static List<Integer> classOf(
      int mark, List<Integer> firsts, List<List<Integer>> classes) {
    int at = 0;
    while (at < firsts.size() && swaps(mark, firsts.get(at))) {
      at++;
    }
    if (at == firsts.size() || swaps(firsts.get(at), mark)) {
      firsts.add(at, mark);
      classes.add(at, new ArrayList<>());
    }
    return classes.get(at);
  }
}
