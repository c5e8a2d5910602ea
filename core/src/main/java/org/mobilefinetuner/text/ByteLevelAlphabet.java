package org.mobilefinetuner.text;

/**
 * The 256 printable characters that stand for the bytes in the vocabularies of GPT-2 and its kin:
 * printable Latin-1 for itself, and U+0100 upward for the other 68 bytes, in their order.
 *
 * <p>Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, and its code.
 */
final class ByteLevelAlphabet {
  private static final char[] CHARS = new char[256];
  private static final short[] BYTES = new short[0x144];

  static {
    java.util.Arrays.fill(BYTES, (short) -1);
    char next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b > ' ' && b < 0x7f) || (b > 0xa0 && b != 0xad);
      CHARS[b] = printable ? (char) b : next++;
      BYTES[CHARS[b]] = (short) b;
    }
  }

  private ByteLevelAlphabet() {}

  /** The character of a byte, 0 to 255. */
  static char charOf(int octet) {
    return CHARS[octet];
  }

  /** The byte of a character, or -1 if the character is not of the alphabet. */
  static int byteOf(char c) {
    return c < BYTES.length ? BYTES[c] : -1;
  }
}
