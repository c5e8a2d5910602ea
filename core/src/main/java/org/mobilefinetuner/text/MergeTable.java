package org.mobilefinetuner.text;

import java.util.Arrays;

/** Which two pieces merge, into what, and how early: a hash table in two flat arrays. */
final class MergeTable {
  /** What {@link #find} returns where two pieces do not merge. */
  static final long NONE = -1;

  private long[] keys; // left << 32 | right, or NONE
  private long[] values; // rank << 32 | merged
  private int count;

  MergeTable() {
    keys = new long[1 << 10];
    Arrays.fill(keys, NONE);
    values = new long[keys.length];
  }

  /** Adds a merge; the later one of two for the same pair counts. */
  void add(int left, int right, int rank, int merged) {
    if (2 * (count + 1) > keys.length) {
      long[] oldKeys = keys;
      long[] oldValues = values;
      keys = new long[2 * oldKeys.length];
      Arrays.fill(keys, NONE);
      values = new long[keys.length];
      for (int i = 0; i < oldKeys.length; i++) {
        if (oldKeys[i] != NONE) {
          int slot = slotOf(oldKeys[i]);
          keys[slot] = oldKeys[i];
          values[slot] = oldValues[i];
        }
      }
    }
    long key = key(left, right);
    int slot = slotOf(key);
    count += keys[slot] == NONE ? 1 : 0;
    keys[slot] = key;
    values[slot] = (long) rank << 32 | merged;
  }

  /** The merge of two pieces for {@link #rank} and {@link #merged}, or {@link #NONE}. */
  long find(int left, int right) {
    long key = key(left, right);
    int slot = slotOf(key);
    return keys[slot] == key ? values[slot] : NONE;
  }

  /** How early the merge happens: 0 is first. */
  static int rank(long merge) {
    return (int) (merge >>> 32);
  }

  /** The id of the merged piece. */
  static int merged(long merge) {
    return (int) merge;
  }

  /** Left, right and merged piece of every merge, those that happen first before others. */
  int[] inOrder() {
    long[] order = new long[count]; // rank << 32 | slot
    int n = 0;
    for (int slot = 0; slot < keys.length; slot++) {
      if (keys[slot] != NONE) {
        order[n++] = (long) rank(values[slot]) << 32 | slot;
      }
    }
    Arrays.sort(order);
    int[] triples = new int[3 * count];
    for (int i = 0; i < count; i++) {
      int slot = (int) order[i];
      triples[3 * i] = (int) (keys[slot] >>> 32);
      triples[3 * i + 1] = (int) keys[slot];
      triples[3 * i + 2] = merged(values[slot]);
    }
    return triples;
  }

  private static long key(int left, int right) {
    return (long) left << 32 | right;
  }

  private int slotOf(long key) {
    long hash = key * 0x9e3779b97f4a7c15L;
    int slot = (int) (hash >>> 32) & keys.length - 1;
    while (keys[slot] != key && keys[slot] != NONE) {
      slot = slot + 1 & keys.length - 1;
    }
    return slot;
  }
}
