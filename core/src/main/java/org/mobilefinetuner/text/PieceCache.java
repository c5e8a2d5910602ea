package org.mobilefinetuner.text;

import org.jspecify.annotations.Nullable;

/**
 * A bounded memory of how words were encoded: most words of a text come again.
 *
 * <p>Each word has one place that it shares with others; the last one stays. Threads may share a
 * cache without a lock, because entries are immutable: at worst a word is encoded again.
 */
final class PieceCache {
  /** Longer words are rare, and would make the bound on memory meaningless. */
  static final int MAX_LENGTH = 32;

  private static final int PLACES = 1 << 14;

  private final @Nullable Entry[] entries = new @Nullable Entry[PLACES];

  /** An encoded word. */
  static final class Entry {
    private final char[] word;
    final int[] ids;

    Entry(char[] word, int[] ids) {
      this.word = word;
      this.ids = ids;
    }
  }

  /** The ids of a word, or null. */
  int @Nullable [] get(Span word) {
    Entry entry = entries[place(word)];
    if (entry == null || entry.word.length != word.length()) {
      return null;
    }
    for (int i = 0; i < entry.word.length; i++) {
      if (entry.word[i] != word.chars[word.from + i]) {
        return null;
      }
    }
    return entry.ids;
  }

  void put(Span word, int[] ids) {
    char[] copy = java.util.Arrays.copyOfRange(word.chars, word.from, word.to);
    entries[place(word)] = new Entry(copy, ids);
  }

  private static int place(Span word) {
    int hash = 0;
    for (int i = word.from; i < word.to; i++) {
      hash = 31 * hash + word.chars[i];
    }
    hash *= 0x9e3779b9;
    return hash >>> 18; // the upper 14 bits
  }
}
