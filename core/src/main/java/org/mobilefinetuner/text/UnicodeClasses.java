package org.mobilefinetuner.text;

import java.util.Arrays;

/**
 * The classes of characters that the patterns of tokenizers speak of: letters, numbers, white
 * space, line ends and the rest.
 *
 * <p>They come from a table and not from {@link Character}, because a token must not depend on the
 * version of Unicode that a JDK or a phone happens to know.
 */
final class UnicodeClasses {
  static final byte OTHER = 0;
  static final byte LETTER = 1;
  static final byte NUMBER = 2;
  static final byte SPACE = 3;

  /** Carriage return and line feed, which are white space too. */
  static final byte NEWLINE = 4;

  private static final byte[] BASIC = new byte[0x10000];

  private static final int[] LETTERS = ranges(UnicodeRanges.LETTERS);
  private static final int[] NUMBERS = ranges(UnicodeRanges.NUMBERS);
  private static final int[] UNNORMALIZED = ranges(UnicodeRanges.UNNORMALIZED);

  static {
    mark(LETTERS, LETTER);
    mark(NUMBERS, NUMBER);
    // Unicode's property White_Space, all of it in the basic plane
    int[] spaces = {
      0x9, 0xb, 0xc, 0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000
    };
    for (int c : spaces) {
      BASIC[c] = SPACE;
    }
    Arrays.fill(BASIC, 0x2000, 0x200b, SPACE);
    BASIC['\n'] = NEWLINE;
    BASIC['\r'] = NEWLINE;
  }

  private UnicodeClasses() {}

  /** The class of a code point. */
  static byte of(int codePoint) {
    if (codePoint < 0x10000) {
      return BASIC[codePoint];
    }
    if (contains(LETTERS, codePoint)) {
      return LETTER;
    }
    return contains(NUMBERS, codePoint) ? NUMBER : OTHER;
  }

  /** Whether the code point is white space, line ends included. */
  static boolean isSpace(int codePoint) {
    return of(codePoint) >= SPACE;
  }

  /** Whether a regular expression's Unicode {@code \w} matches the code point. */
  static boolean isWord(int codePoint) {
    if (Character.isAlphabetic(codePoint)) {
      return true;
    }
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.DECIMAL_DIGIT_NUMBER,
          Character.CONNECTOR_PUNCTUATION ->
          true;
      default -> codePoint == 0x200c || codePoint == 0x200d; // the joiners
    };
  }

  /** Whether the reference's normal forms leave the code point alone, though Unicode does not. */
  static boolean isUnnormalized(int codePoint) {
    return contains(UNNORMALIZED, codePoint);
  }

  private static boolean contains(int[] ranges, int codePoint) {
    int at = Arrays.binarySearch(ranges, codePoint);
    // found: the start of a range is inside, its end is not; else the insertion point tells
    return at >= 0 ? (at & 1) == 0 : (-at - 1 & 1) == 1;
  }

  private static void mark(int[] ranges, byte kind) {
    for (int i = 0; i < ranges.length && ranges[i] < 0x10000; i += 2) {
      Arrays.fill(BASIC, ranges[i], Math.min(ranges[i + 1], 0x10000), kind);
    }
  }

  /** The pairs (first, end) of an encoded set, in order. */
  private static int[] ranges(String encoded) {
    int[] ranges = new int[encoded.length()];
    int count = 0;
    int codePoint = 0;
    for (int at = 0; at < encoded.length(); count++) {
      int end = encoded.indexOf(' ', at);
      end = end < 0 ? encoded.length() : end;
      codePoint += Integer.parseInt(encoded.substring(at, end), 36);
      ranges[count] = codePoint;
      at = end + 1;
    }
    return Arrays.copyOf(ranges, count);
  }
}
