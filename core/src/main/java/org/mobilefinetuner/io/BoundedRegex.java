package org.mobilefinetuner.io;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs regular expressions that come from files: one that would take forever on a text, or end the
 * thread's stack, fails.
 */
public final class BoundedRegex {
  private static final long STEPS_PER_CHARACTER = 1000; // hundreds of times what is usual
  private static final long MORE_STEPS = 100_000;

  private final Pattern pattern;

  public BoundedRegex(Pattern pattern) {
    this.pattern = pattern;
  }

  /** Receives [start, end) of a match. */
  @FunctionalInterface
  public interface Found {
    void match(int start, int end);
  }

  /**
   * Finds all matches, from left to right.
   *
   * @throws IllegalArgumentException if the expression takes too long on this text
   */
  public void findAll(String text, Found found) {
    Matcher matcher = pattern.matcher(new Bounded(text));
    while (bounded(text, matcher::find)) {
      found.match(matcher.start(), matcher.end());
    }
  }

  /**
   * Whether all of a text matches.
   *
   * @throws IllegalArgumentException if the expression takes too long on this text
   */
  public boolean matches(String text) {
    return bounded(text, pattern.matcher(new Bounded(text))::matches);
  }

  private interface Search {
    boolean run();
  }

  private boolean bounded(String text, Search search) {
    try {
      return search.run();
    } catch (TooLong | StackOverflowError e) {
      String shown = pattern.pattern();
      throw new IllegalArgumentException(
          "expected a regular expression that is simple to match, found \""
              + (shown.length() > 100 ? shown.substring(0, 100) + "..." : shown)
              + "\", which takes too long on a text of "
              + text.length()
              + " characters",
          e);
    }
  }

  private static final class TooLong extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** A text that may be looked at only so often. */
  private static final class Bounded implements CharSequence {
    private final String text;
    private long left;

    Bounded(String text) {
      this.text = text;
      this.left = MORE_STEPS + STEPS_PER_CHARACTER * text.length();
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (--left < 0) {
        throw new TooLong();
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
