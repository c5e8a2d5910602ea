package org.mobilefinetuner.tensor;

import java.util.Arrays;

/**
 * What of a slab is free: places in the order of their offsets, no two of which touch. Offsets and
 * lengths are in floats.
 */
final class FreeSpace {
  private long[] offsets = new long[16];
  private long[] lengths = new long[16];
  private int places;

  /** One place of {@code length}. */
  FreeSpace(long length) {
    reset(length);
  }

  /** Everything is free again: one place of {@code length}. */
  void reset(long length) {
    offsets[0] = 0;
    lengths[0] = length;
    places = 1;
  }

  /** Takes {@code length} from the first place that has as much: its offset, or -1. */
  long cut(long length) {
    for (int i = 0; i < places; i++) {
      if (lengths[i] >= length) {
        long offset = offsets[i];
        offsets[i] += length;
        lengths[i] -= length;
        if (lengths[i] == 0) {
          remove(i);
        }
        return offset;
      }
    }
    return -1;
  }

  /** Gives back what was cut: it becomes one place with what is free beside it. */
  void join(long offset, long length) {
    int found = Arrays.binarySearch(offsets, 0, places, offset);
    int next = -found - 1; // nothing free is where something was cut
    boolean before = next > 0 && offsets[next - 1] + lengths[next - 1] == offset;
    boolean behind = next < places && offset + length == offsets[next];
    if (before) {
      lengths[next - 1] += length + (behind ? lengths[next] : 0);
      if (behind) {
        remove(next);
      }
    } else if (behind) {
      offsets[next] = offset;
      lengths[next] += length;
    } else {
      insert(next, offset, length);
    }
  }

  private void insert(int at, long offset, long length) {
    if (places == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * places);
      lengths = Arrays.copyOf(lengths, 2 * places);
    }
    move(at, at + 1);
    offsets[at] = offset;
    lengths[at] = length;
    places++;
  }

  private void remove(int at) {
    move(at + 1, at);
    places--;
  }

  private void move(int from, int to) {
    System.arraycopy(offsets, from, offsets, to, places - from);
    System.arraycopy(lengths, from, lengths, to, places - from);
  }
}
