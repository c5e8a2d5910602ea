package org.mobilefinetuner.text;

import java.util.Arrays;

/**
 * The pieces of a model and their ids, both ways.
 *
 * <p>Kept in a few flat arrays: a quarter of a million strings and boxed ids would cost a phone
 * some 30 MB, this costs 6.
 */
final class Vocabulary {
  /** No vocabulary comes near; a larger id is a damaged file that would cost all memory. */
  static final int MAX_ID = (1 << 22) - 1;

  private static final int NONE = -1;

  private char[] pool = new char[1 << 12]; // the characters of all pieces
  private int poolSize;
  private int[] starts = new int[1 << 10]; // by id: where in the pool
  private int[] lengths = new int[1 << 10]; // by id, or NONE
  private int[] slots = new int[1 << 11]; // hash table of ids, or NONE; a power of two
  private int limit; // highest id + 1
  private int count;

  Vocabulary() {
    Arrays.fill(lengths, NONE);
    Arrays.fill(slots, NONE);
  }

  /**
   * Adds a piece with an id up to {@link #MAX_ID}; of two with the same characters or the same id
   * the later one counts.
   */
  void add(char[] chars, int offset, int length, int id) {
    reserve(id, length);
    System.arraycopy(chars, offset, pool, poolSize, length);
    starts[id] = poolSize;
    lengths[id] = length;
    poolSize += length;
    limit = Math.max(limit, id + 1);
    int slot = slotOf(chars, offset, offset + length);
    count += slots[slot] == NONE ? 1 : 0;
    slots[slot] = id;
  }

  private void reserve(int id, int length) {
    if (id >= starts.length) {
      int old = lengths.length;
      starts = Arrays.copyOf(starts, Math.max(id + 1, Math.min(2 * old, MAX_ID + 1)));
      lengths = Arrays.copyOf(lengths, starts.length);
      Arrays.fill(lengths, old, lengths.length, NONE);
    }
    if (pool.length - poolSize < length) {
      pool = Arrays.copyOf(pool, Math.max(poolSize + length, 2 * pool.length));
    }
    if (2 * (count + 1) > slots.length) {
      int[] old = slots;
      slots = new int[2 * old.length];
      Arrays.fill(slots, NONE);
      for (int each : old) {
        if (each != NONE) {
          slots[slotOf(pool, starts[each], starts[each] + lengths[each])] = each;
        }
      }
    }
  }

  /** The id of the piece with the characters [from, to), or -1. */
  int id(char[] chars, int from, int to) {
    return slots[slotOf(chars, from, to)];
  }

  /** The id of a piece, or -1. */
  int id(String piece) {
    return id(piece.toCharArray(), 0, piece.length());
  }

  /** Whether some piece has this id. */
  boolean has(int id) {
    return id >= 0 && id < limit && lengths[id] != NONE;
  }

  /** The piece of an id that has one. */
  String piece(int id) {
    return new String(pool, starts[id], lengths[id]);
  }

  /** The highest id + 1. */
  int limit() {
    return limit;
  }

  /** The number of pieces. */
  int count() {
    return count;
  }

  /** The slot that holds the piece, or the empty one where it belongs. */
  private int slotOf(char[] chars, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + chars[i];
    }
    hash *= 0x9e3779b9; // spreads what 31 leaves together
    int slot = (hash ^ hash >>> 15) & slots.length - 1;
    while (slots[slot] != NONE && !same(slots[slot], chars, from, to)) {
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }

  private boolean same(int id, char[] chars, int from, int to) {
    if (lengths[id] != to - from) {
      return false;
    }
    int at = starts[id];
    for (int i = from; i < to; i++) {
      if (pool[at++] != chars[i]) {
        return false;
      }
    }
    return true;
  }
}
