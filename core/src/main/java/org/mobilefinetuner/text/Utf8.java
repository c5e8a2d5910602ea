package org.mobilefinetuner.text;

/**
 * A UTF-8 decoder that takes one byte at a time and gives out whole characters.
 *
 * <p>What is not UTF-8 becomes U+FFFD, one for each maximal part that could have begun a character
 * (the Unicode Standard's recommendation, and what Rust and browsers do).
 */
final class Utf8 {
  private int codePoint;
  private int missing; // bytes until the character is whole
  private int lower = 0x80; // bounds of the next continuation byte
  private int upper = 0xbf;
  private boolean valid = true;

  /** Takes the next byte; appends to {@code out} what became whole. */
  void push(int octet, StringBuilder out) {
    int b = octet & 0xff;
    if (missing > 0) {
      if (b >= lower && b <= upper) {
        codePoint = (codePoint << 6) | (b & 0x3f);
        lower = 0x80;
        upper = 0xbf;
        if (--missing == 0) {
          out.appendCodePoint(codePoint);
        }
        return;
      }
      end(out); // broken off: the byte starts something new
    }
    if (b < 0x80) {
      out.append((char) b);
    } else if (b < 0xc2 || b > 0xf4) {
      replace(out);
    } else if (b < 0xe0) {
      begin(b & 0x1f, 1);
    } else if (b < 0xf0) {
      begin(b & 0xf, 2);
      lower = b == 0xe0 ? 0xa0 : 0x80; // no overlong forms
      upper = b == 0xed ? 0x9f : 0xbf; // no surrogates
    } else {
      begin(b & 0x7, 3);
      lower = b == 0xf0 ? 0x90 : 0x80;
      upper = b == 0xf4 ? 0x8f : 0xbf; // nothing above U+10FFFF
    }
  }

  private void begin(int bits, int continuationBytes) {
    codePoint = bits;
    missing = continuationBytes;
  }

  /** Ends the input: a character that was broken off becomes U+FFFD. */
  void end(StringBuilder out) {
    if (missing > 0) {
      replace(out);
    }
    missing = 0;
    lower = 0x80;
    upper = 0xbf;
  }

  private void replace(StringBuilder out) {
    out.append('\ufffd');
    valid = false;
  }

  /** Whether all that came so far was UTF-8. */
  boolean valid() {
    return valid;
  }

  /** Whether no character is under way. */
  boolean whole() {
    return missing == 0;
  }

  /** The number of bytes of a code point. */
  static int length(int codePoint) {
    if (codePoint < 0x80) {
      return 1;
    }
    if (codePoint < 0x800) {
      return 2;
    }
    return codePoint < 0x10000 ? 3 : 4;
  }

  /** Byte {@code index} of a code point that has {@code length} bytes. */
  static int octet(int codePoint, int length, int index) {
    if (length == 1) {
      return codePoint;
    }
    int bits = codePoint >>> (6 * (length - 1 - index));
    return index > 0 ? 0x80 | (bits & 0x3f) : ((0xf00 >> length) & 0xff) | bits;
  }
}
