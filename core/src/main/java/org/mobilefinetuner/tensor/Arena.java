package org.mobilefinetuner.tensor;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Reusable memory for the values of one step, never above a budget.
 *
 * <p>Storage is cut from slabs: the first free place that is large enough, by address, and places
 * that come back grow together with their free neighbours. A segment's values therefore lie where
 * the last segment's lay, and those of the head, however large, where the blocks' will. Slabs are
 * made when first needed and stay.
 *
 * <p>Not thread-safe: the thread that runs the step owns the arena.
 */
public final class Arena {
  private static final int SLAB = 1 << 22; // floats; larger requests get a slab of their own
  private static final int MOST = Integer.MAX_VALUE - 16; // floats of one Java array
  private static final int ALIGN = 16; // floats, a cache line
  private static final int SMALL = 1 << 10; // floats that a rehearsal really has: losses

  private final long budget;
  private final Pieces pieces;
  private final Mode mode;
  private final List<Slab> slabs = new ArrayList<>();
  private final IdentityHashMap<Tensor, Place> lent = new IdentityHashMap<>();
  private long reserved;
  private long used;
  private long highWater;

  private enum Mode {
    LENDING,
    POISONED,
    REHEARSING
  }

  private record Place(Slab slab, long offset, long floats) {}

  /** An array, or the idea of one, and what of it is free. */
  private static final class Slab {
    final float[] data;
    final FreeSpace free;
    long top;

    Slab(float[] data, long floats) {
      this.data = data;
      free = new FreeSpace(floats);
    }

    /** The first free place of {@code floats}, or -1. */
    long cut(long floats) {
      long offset = free.cut(floats);
      if (offset >= 0) {
        top = Math.max(top, offset + floats);
      }
      return offset;
    }
  }

  private Arena(long budgetBytes, Pieces pieces, Mode mode) {
    this.budget = budgetBytes;
    this.pieces = pieces;
    this.mode = mode;
  }

  /** An arena of at most {@code budgetBytes}, in one slab. */
  public static Arena ofBytes(long budgetBytes) {
    return ofBytes(budgetBytes, Pieces.LARGE);
  }

  /**
   * The same, with a limit for what one operation takes if it can work piece by piece.
   *
   * @param pieces see {@link #pieces}
   */
  public static Arena ofBytes(long budgetBytes, Pieces pieces) {
    return new Arena(budgetBytes, pieces, Mode.LENDING);
  }

  /** An arena bounded by the Java heap alone. */
  public static Arena unbounded() {
    return ofBytes(Long.MAX_VALUE);
  }

  /**
   * An arena for tests: what it lends and what it takes back is filled with NaN, so that a value
   * read before it is written, or after it was given back, shows. Storage that came back is not
   * lent again before all has come back: nobody writes over the NaN.
   */
  public static Arena poisoned() {
    return poisoned(Pieces.LARGE);
  }

  /** The same, see {@link #pieces}. */
  public static Arena poisoned(Pieces pieces) {
    return new Arena(Long.MAX_VALUE, pieces, Mode.POISONED);
  }

  /**
   * An arena that finds out how large another has to be: {@link #reservedBytes} tells what {@link
   * #ofBytes} would need for the same requests. Its tensors, but the smallest, have no values.
   */
  public static Arena rehearsal(Pieces pieces) {
    return new Arena(Long.MAX_VALUE, pieces, Mode.REHEARSING);
  }

  /**
   * Uninitialised storage, valid until it is given back.
   *
   * @throws BudgetExceededException if the budget does not allow it
   */
  public Tensor take(int... shape) {
    return lend(shape.clone());
  }

  /** The same, of the shape of {@code x}. */
  public Tensor like(Tensor x) {
    return lend(x.dimensions());
  }

  private Tensor lend(int[] shape) {
    int size = Tensor.size(shape);
    long floats = Math.max(ALIGN, ((long) size + ALIGN - 1) / ALIGN * ALIGN);
    Place place = cut(floats);
    Tensor tensor = tensor(place, size, shape);
    lent.put(tensor, place);
    used += 4 * floats;
    highWater = Math.max(highWater, used);
    return tensor;
  }

  private Tensor tensor(Place place, int size, int[] shape) {
    if (mode == Mode.REHEARSING) {
      return size <= SMALL ? Tensor.zeros(shape) : Tensor.ofShape(shape);
    }
    Tensor tensor = new Tensor(place.slab.data, (int) place.offset, shape);
    return mode == Mode.POISONED ? tensor.fill(Float.NaN) : tensor;
  }

  /** Takes {@code tensor} back; it must not be used any more. */
  public void give(Tensor tensor) {
    Place place = lent.remove(tensor);
    if (place == null) {
      throw new IllegalStateException(tensor + " was not lent by this arena, or came back before");
    }
    used -= 4 * place.floats;
    if (mode != Mode.POISONED) {
      place.slab.free.join(place.offset, place.floats);
      return;
    }
    tensor.fill(Float.NaN);
    if (lent.isEmpty()) {
      slabs.forEach(slab -> slab.free.reset(slab.data.length));
    }
  }

  private Place cut(long floats) {
    for (Slab slab : slabs) {
      long offset = slab.cut(floats);
      if (offset >= 0) {
        return new Place(slab, offset, floats);
      }
    }
    Slab slab = slab(floats);
    slabs.add(slab);
    return new Place(slab, slab.cut(floats), floats);
  }

  private Slab slab(long floats) {
    if (mode == Mode.REHEARSING) {
      return new Slab(new float[0], Long.MAX_VALUE / 8);
    }
    long left = (budget - reserved) / 4 / ALIGN * ALIGN;
    if (floats > left) {
      throw new BudgetExceededException(reserved + 4 * floats, budget);
    }
    boolean bounded = budget < Long.MAX_VALUE;
    int size = (int) Math.min(MOST, bounded ? left : Math.max(floats, SLAB));
    reserved += 4L * size;
    return new Slab(new float[size], size);
  }

  /** How an operation that can work piece by piece should do so. */
  public Pieces pieces() {
    return pieces;
  }

  /** The most bytes that were lent at one time. */
  public long highWaterBytes() {
    return highWater;
  }

  /** The bytes of all slabs. */
  public long reservedBytes() {
    return mode == Mode.REHEARSING ? slabs.isEmpty() ? 0 : 4 * slabs.get(0).top : reserved;
  }

  /** The step does not fit its budget: shorten the sequence, shrink the batch or raise it. */
  public static final class BudgetExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BudgetExceededException(long neededBytes, long budgetBytes) {
      super(
          "this step needs more than "
              + (neededBytes >> 20)
              + " MiB for its values, the budget is "
              + (budgetBytes >> 20)
              + " MiB; use shorter sequences, a smaller batch, or a larger budget");
    }
  }
}
