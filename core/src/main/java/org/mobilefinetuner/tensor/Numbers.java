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
        int count = Math.min(PIECE, tensor.size() - at);
        return Tensor.wrap(tensor.data(), tensor.offset() + at, count);
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
      public void copyTo(Tensor to) {}

      @Override
      public void copyFrom(Tensor from) {}
    };
  }

  /** Copies {@code count} numbers from number {@code at} on to {@code to}. */
  default void read(long at, float[] to, int count) {
    for (int done = 0; done < count; ) {
      int from = (int) at + done;
      Tensor piece = load(from / PIECE * PIECE);
      int skipped = from % PIECE;
      int some = Math.min(count - done, piece.size() - skipped);
      System.arraycopy(piece.data(), piece.offset() + skipped, to, done, some);
      done += some;
    }
  }

  /** Copies all numbers to {@code to}, of the same size. */
  default void copyTo(Tensor to) {
    Numbers target = of(to);
    for (int at = 0; at < size(); at += PIECE) {
      target.load(at).copyFrom(load(at));
    }
  }

  /** Sets all numbers to those of {@code from}, of the same size. */
  default void copyFrom(Tensor from) {
    Numbers source = of(from);
    for (int at = 0; at < size(); at += PIECE) {
      store(at, load(at).copyFrom(source.load(at)));
    }
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
