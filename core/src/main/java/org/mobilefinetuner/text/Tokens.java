package org.mobilefinetuner.text;

import java.util.Arrays;

/** A growing list of token ids, with their offsets where those are wanted. */
final class Tokens {
  final boolean tracked;
  private int[] ids = new int[64];
  private int[] starts;
  private int[] ends;
  private int size;

  Tokens(boolean tracked) {
    this.tracked = tracked;
    starts = new int[tracked ? ids.length : 0];
    ends = new int[starts.length];
  }

  /** Appends a token that stands for [start, end) of the user's text. */
  void add(int id, int start, int end) {
    if (size == ids.length) {
      grow(2 * size);
    }
    ids[size] = id;
    if (tracked) {
      starts[size] = start;
      ends[size] = end;
    }
    size++;
  }

  /** Appends all tokens of another list. */
  void addAll(Tokens more) {
    for (int i = 0; i < more.size; i++) {
      add(more.ids[i], tracked ? more.starts[i] : 0, tracked ? more.ends[i] : 0);
    }
  }

  /** Appends tokens that stand for nothing in the text. */
  void addAll(int[] more) {
    if (size + more.length > ids.length) {
      grow(Math.max(2 * size, size + more.length));
    }
    System.arraycopy(more, 0, ids, size, more.length);
    size += more.length;
  }

  private void grow(int capacity) {
    ids = Arrays.copyOf(ids, capacity);
    if (tracked) {
      starts = Arrays.copyOf(starts, capacity);
      ends = Arrays.copyOf(ends, capacity);
    }
  }

  int size() {
    return size;
  }

  int id(int index) {
    return ids[index];
  }

  int start(int index) {
    return starts[index];
  }

  int end(int index) {
    return ends[index];
  }

  void setOffsets(int index, int start, int end) {
    starts[index] = start;
    ends[index] = end;
  }

  int[] ids() {
    return Arrays.copyOf(ids, size);
  }

  int[] idsFrom(int index) {
    return Arrays.copyOfRange(ids, index, size);
  }

  int[] starts() {
    return Arrays.copyOf(starts, tracked ? size : 0);
  }

  int[] ends() {
    return Arrays.copyOf(ends, tracked ? size : 0);
  }
}
