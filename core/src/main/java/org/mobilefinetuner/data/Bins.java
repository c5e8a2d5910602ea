package org.mobilefinetuner.data;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Examples in bins of at most so many tokens, by best-fit decreasing: the longest example first,
 * each into the bin that it leaves the least room in. Few bins, and the same ones each time.
 */
final class Bins {
  private static final int NONE = -1;

  private final int[] examples;
  private final int[] starts;

  private Bins(int[] examples, int[] starts) {
    this.examples = examples;
    this.starts = starts;
  }

  /** An example longer than {@code capacity} gets a bin of its own. */
  static Bins of(Examples examples, int capacity) {
    return new Packing(examples, capacity).pack();
  }

  int count() {
    return starts.length - 1;
  }

  /** The examples of some bins, by their indices. */
  int[] examples(int... bins) {
    int count = 0;
    for (int bin : bins) {
      count += starts[bin + 1] - starts[bin];
    }
    int[] all = new int[count];
    int at = 0;
    for (int bin : bins) {
      int size = starts[bin + 1] - starts[bin];
      System.arraycopy(examples, starts[bin], all, at, size);
      at += size;
    }
    return all;
  }

  /**
   * The work. Bins with the same room are a stack, linked by {@code below}, and the examples of a
   * bin a list, linked by {@code before}: no object for an example or a bin.
   */
  private static final class Packing {
    private final Examples examples;
    private final int capacity;
    private final int[] before; // by example: the one put into its bin before it
    private final int[] bins; // by bin: the example put into it last
    private final int[] below; // by bin: the next one with the same room
    private final int[] stacks; // by room: the bin on top
    private final BitSet rooms = new BitSet(); // those with a bin
    private int count;

    Packing(Examples examples, int capacity) {
      this.examples = examples;
      int longest = 0;
      for (int i = 0; i < examples.count(); i++) {
        longest = Math.max(longest, examples.length(i));
      }
      // More room than all examples need together is never filled.
      this.capacity = (int) Math.min(capacity, (long) longest * examples.count());
      this.before = new int[examples.count()];
      this.bins = new int[examples.count()];
      this.below = new int[examples.count()];
      this.stacks = new int[this.capacity + 1];
      Arrays.fill(stacks, NONE);
    }

    Bins pack() {
      long[] order = new long[examples.count()];
      for (int i = 0; i < order.length; i++) {
        order[i] = (-(long) examples.length(i) << 32) | i;
      }
      Arrays.sort(order);
      for (long key : order) {
        int example = (int) key;
        put(example, examples.length(example));
      }
      return collect();
    }

    private void put(int example, int length) {
      int room = rooms.nextSetBit(length);
      int bin;
      if (room < 0) {
        room = capacity;
        bin = count++;
        before[example] = NONE;
      } else {
        bin = stacks[room];
        stacks[room] = below[bin];
        rooms.set(room, stacks[room] != NONE);
        before[example] = bins[bin];
      }
      bins[bin] = example;
      int left = room - length;
      if (left > 0) {
        below[bin] = stacks[left];
        stacks[left] = bin;
        rooms.set(left);
      }
    }

    private Bins collect() {
      int[] all = new int[before.length];
      int[] starts = new int[count + 1];
      int at = 0;
      for (int bin = 0; bin < count; bin++) {
        for (int example = bins[bin]; example != NONE; example = before[example]) {
          all[at++] = example;
        }
        starts[bin + 1] = at;
      }
      return new Bins(all, starts);
    }
  }
}
