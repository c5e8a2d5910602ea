package org.mobilefinetuner.tensor;

/**
 * The numbers of a tensor that is trained, or of what belongs to it, in memory or in a file, used
 * one piece after the other.
 */
public interface Numbers {
  /** How many numbers a piece has; the last may have fewer. */
  int PIECE = 1 << 18;

  /** Makes room for numbers that are zero. */
  @FunctionalInterface
  interface Room {
    Numbers zeros(int... shape);
  }

  /** Gives numbers one run after the other. */
  @FunctionalInterface
  interface Source {
    /** Fills {@code to[0 .. count)} with the numbers from number {@code at} on. */
    void fill(long at, float[] to, int count);
  }

  /** The dimensions of their tensor. */
  int[] shape();

  /** How many there are. */
  default int size() {
    return Tensor.size(shape());
  }

  /**
   * The piece that starts at number {@code at}: the numbers themselves where they are in memory,
   * else a copy, valid until the next piece is loaded.
   */
  Tensor load(int at);

  /** Keeps the changes that were made to the piece loaded from {@code at}. */
  void store(int at, Tensor piece);

  /** Room in memory. */
  Room MEMORY = shape -> of(Tensor.zeros(shape));

  /** The numbers of a tensor in memory. */
  static Numbers of(Tensor tensor) {
    return new Numbers() {
      @Override
      public int[] shape() {
        return tensor.shape();
      }

      @Override
      public Tensor load(int at) {
        return tensor.part(at, Math.min(PIECE, tensor.size() - at));
      }

      @Override
      public void store(int at, Tensor piece) {}
    };
  }

  /** Numbers that are not there, for the rehearsal of what is done with them. */
  static Numbers none(int... shape) {
    return new Numbers() {
      @Override
      public int[] shape() {
        return shape.clone();
      }

      @Override
      public Tensor load(int at) {
        return Tensor.ofShape(Math.min(PIECE, size() - at));
      }

      @Override
      public void store(int at, Tensor piece) {}

      @Override
      public void read(long at, Tensor to) {}

      @Override
      public void write(long at, Tensor from) {}
    };
  }

  /** Copies {@code count} numbers from number {@code at} on to {@code to}. */
  default void read(long at, float[] to, int count) {
    read(at, Tensor.wrap(to, 0, count));
  }

  /** Fills {@code to} with the numbers from number {@code at} on. */
  default void read(long at, Tensor to) {
    for (int done = 0; done < to.size(); ) {
      int from = (int) at + done;
      Tensor piece = load(from / PIECE * PIECE);
      int skipped = from % PIECE;
      int some = Math.min(to.size() - done, piece.size() - skipped);
      to.part(done, some).copyFrom(piece.part(skipped, some));
      done += some;
    }
  }

  /** Sets the numbers from number {@code at} on to those of {@code from}. */
  default void write(long at, Tensor from) {
    for (int done = 0; done < from.size(); ) {
      int to = (int) at + done;
      int start = to / PIECE * PIECE;
      Tensor piece = load(start);
      int some = Math.min(from.size() - done, piece.size() - to % PIECE);
      piece.part(to % PIECE, some).copyFrom(from.part(done, some));
      store(start, piece);
      done += some;
    }
  }

  /** Copies rows of a matrix, whose numbers ascend, to {@code to}, [rows, columns]. */
  default void readRows(int[] rows, Tensor to) {
    for (int i = 0, some; i < rows.length; i += some) {
      some = neighbours(rows, i);
      read((long) rows[i] * to.cols(), to.rows(i, some));
    }
  }

  /** Sets rows of a matrix, whose numbers ascend, to those of {@code from}, [rows, columns]. */
  default void writeRows(int[] rows, Tensor from) {
    for (int i = 0, some; i < rows.length; i += some) {
      some = neighbours(rows, i);
      write((long) rows[i] * from.cols(), from.rows(i, some));
    }
  }

  /** How many rows from the one at {@code i} on follow one another. */
  private static int neighbours(int[] rows, int i) {
    int end = i + 1;
    while (end < rows.length && rows[end] == rows[end - 1] + 1) {
      end++;
    }
    return end - i;
  }

  /** Copies all numbers to {@code to}, of the same size. */
  default void copyTo(Tensor to) {
    read(0, to);
  }

  /** Sets all numbers to those of {@code from}, of the same size. */
  default void copyFrom(Tensor from) {
    write(0, from);
  }

  /** Sets all numbers to those of {@code source}, with one piece in memory at a time. */
  default void fill(Source source) {
    float[] values = new float[Math.min(PIECE, size())];
    for (int at = 0; at < size(); at += PIECE) {
      Tensor piece = load(at);
      source.fill(at, values, piece.size());
      store(at, piece.copyFrom(Tensor.wrap(values, 0, piece.size())));
    }
  }
}
