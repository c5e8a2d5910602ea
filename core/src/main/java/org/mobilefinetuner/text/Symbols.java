package org.mobilefinetuner.text;

/** The pieces of one word while they merge: a linked list in arrays and a heap of merges. */
final class Symbols {
  private static final int REMOVED = -1;

  private final MergeTable merges;
  private final int[] ids;
  private final int[] froms; // in indices of the word's characters
  private final int[] tos;
  private final int[] previous;
  private final int[] next;
  private int size;

  /** The possible merges as rank &lt;&lt; 32 | index of the left symbol: a binary heap. */
  private long[] heap;

  private int heapSize;

  Symbols(int capacity, MergeTable merges) {
    this.merges = merges;
    ids = new int[capacity];
    froms = new int[capacity];
    tos = new int[capacity];
    previous = new int[capacity];
    next = new int[capacity];
    heap = new long[Math.max(4, capacity)];
  }

  /** Appends a symbol that stands for the characters [from, to) of the word. */
  void add(int id, int from, int to) {
    ids[size] = id;
    froms[size] = from;
    tos[size] = to;
    previous[size] = size - 1;
    next[size] = size + 1;
    size++;
  }

  /** Merges until no two neighbours merge any more. */
  void merge() {
    for (int i = 0; i + 1 < size; i++) {
      propose(i);
    }
    while (heapSize > 0) {
      long best = pop();
      int left = (int) best;
      int right = next[left];
      if (ids[left] == REMOVED || right >= size) {
        continue;
      }
      long merge = merges.find(ids[left], ids[right]);
      if (merge == MergeTable.NONE || MergeTable.rank(merge) != (int) (best >>> 32)) {
        continue; // one of the two has merged since this was proposed
      }
      ids[left] = MergeTable.merged(merge);
      tos[left] = tos[right];
      ids[right] = REMOVED;
      next[left] = next[right];
      if (next[left] < size) {
        previous[next[left]] = left;
        propose(left);
      }
      if (previous[left] >= 0) {
        propose(previous[left]);
      }
    }
  }

  /** Appends what is left to {@code out}. */
  void appendTo(Tokens out, Span word) {
    for (int i = 0; i < size; i = next[i]) {
      out.add(ids[i], word.startAt(froms[i]), word.endAt(tos[i] - 1));
    }
  }

  private void propose(int left) {
    long merge = merges.find(ids[left], ids[next[left]]);
    if (merge != MergeTable.NONE) {
      push((long) MergeTable.rank(merge) << 32 | left);
    }
  }

  private void push(long value) {
    if (heapSize == heap.length) {
      heap = java.util.Arrays.copyOf(heap, 2 * heapSize);
    }
    int at = heapSize++;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      if (heap[parent] <= value) {
        break;
      }
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = value;
  }

  private long pop() {
    long top = heap[0];
    long value = heap[--heapSize];
    int at = 0;
    for (int child = 1; child < heapSize; child = 2 * at + 1) {
      if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= value) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = value;
    return top;
  }
}
