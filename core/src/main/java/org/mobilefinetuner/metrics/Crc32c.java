package org.mobilefinetuner.metrics;

/**
 * The checksum of RFC 3720 (Castagnoli's polynomial); Java's own is younger than the Android that
 * the core runs on.
 */
final class Crc32c {
  private static final int POLYNOMIAL = 0x82F63B78; // its bits in reverse
  private static final int MASK = 0xA282EAD8;
  private static final int[] TABLE = table();

  private Crc32c() {}

  private static int[] table() {
    int[] table = new int[256];
    for (int i = 0; i < table.length; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) * POLYNOMIAL);
      }
      table[i] = crc;
    }
    return table;
  }

  /** Of {@code length} bytes. */
  static int of(byte[] bytes, int from, int length) {
    int crc = -1;
    for (int i = from; i < from + length; i++) {
      crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]) & 0xFF];
    }
    return ~crc;
  }

  /** The same in the form that TFRecords have it. */
  static int masked(byte[] bytes, int from, int length) {
    return Integer.rotateRight(of(bytes, from, length), 15) + MASK;
  }
}
