package org.mobilefinetuner.memory;

import java.util.BitSet;
import org.mobilefinetuner.autograd.GradientWriter;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Tensor;

/** The sums of a gradient, which are elsewhere, and which of its rows have one yet. */
final class RowSums {
  private final Numbers stored;
  private final BitSet written = new BitSet();
  private final int rows;
  private final int cols;

  RowSums(Numbers stored) {
    Tensor shape = Tensor.ofShape(stored.shape());
    this.stored = stored;
    this.rows = shape.rows();
    this.cols = shape.cols();
  }

  /** Whether nothing has been added yet. */
  boolean isEmpty() {
    return written.isEmpty();
  }

  void clear() {
    written.clear();
  }

  /** Replaces all sums. */
  void set(Tensor sums) {
    stored.copyFrom(sums);
    written.set(0, rows);
  }

  /** Lets {@code writer} add to some rows, for which there is room in {@code arena}. */
  void add(int[] some, GradientWriter writer, Arena arena) {
    Tensor sums = arena.take(some.length, cols);
    boolean first = isFirst(some);
    if (!first) {
      stored.readRows(some, sums);
      for (int i = 0; i < some.length; i++) {
        if (!written.get(some[i])) {
          sums.rows(i, 1).fill(0);
        }
      }
    }
    writer.write(sums, first ? 0 : 1);
    stored.writeRows(some, sums);
    arena.give(sums);
    for (int row : some) {
      written.set(row);
    }
  }

  private boolean isFirst(int[] some) {
    for (int row : some) {
      if (written.get(row)) {
        return false;
      }
    }
    return true;
  }

  /** All sums; those of rows that nothing was added to are 0, whatever is stored. */
  Numbers numbers() {
    return written.cardinality() == rows ? stored : new Whole();
  }

  private final class Whole implements Numbers {
    @Override
    public int[] shape() {
      return stored.shape();
    }

    @Override
    public Tensor load(int at) {
      Tensor piece = stored.load(at);
      int end = at + piece.size();
      for (int row = written.nextClearBit(at / cols); (long) row * cols < end; ) {
        int from = Math.max(at, row * cols);
        piece.part(from - at, Math.min(end, (row + 1) * cols) - from).fill(0);
        row = written.nextClearBit(row + 1);
      }
      return piece;
    }

    @Override
    public void store(int at, Tensor piece) {
      throw new UnsupportedOperationException("a view of sums is read");
    }
  }
}
