package org.mobilefinetuner.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reusable memory for the values of one step, never above a budget.
 *
 * <p>Storage is handed out by bumping a pointer through a few large slabs. What is given back is
 * kept by its exact size and handed out again: the segments of a model ask for the same few sizes
 * over and over. When the last tensor has come back, all slabs are whole again, so batches of
 * different lengths do not fragment it. Slabs are made when first needed and stay.
 *
 * <p>Not thread-safe: the thread that runs the step owns the arena.
 */
public final class Arena {
  private static final int SLAB = 1 << 22; // floats; larger requests get a slab of their own
  private static final int ALIGN = 16; // floats, a cache line

  private final long budget;
  private final boolean poison;
  private final List<Slab> slabs = new ArrayList<>();
  private final Map<Integer, ArrayDeque<Place>> returned = new HashMap<>();
  private final IdentityHashMap<Tensor, Place> lent = new IdentityHashMap<>();
  private long reserved;
  private long used;
  private long highWater;

  private static final class Slab {
    final float[] data;
    int top;

    Slab(int floats) {
      data = new float[floats];
    }
  }

  private record Place(float[] data, int offset, int floats) {}

  private Arena(long budgetBytes, boolean poison) {
    this.budget = budgetBytes;
    this.poison = poison;
  }

  /** An arena of at most {@code budgetBytes}. */
  public static Arena ofBytes(long budgetBytes) {
    return new Arena(budgetBytes, false);
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
    return new Arena(Long.MAX_VALUE, true);
  }

  /**
   * Uninitialised storage, valid until it is given back.
   *
   * @throws BudgetExceededException if the budget does not allow it
   */
  public Tensor take(int... shape) {
    int floats = Math.max(ALIGN, Math.addExact(Tensor.size(shape), ALIGN - 1) / ALIGN * ALIGN);
    ArrayDeque<Place> free = returned.get(floats);
    Place place = free == null || free.isEmpty() ? bump(floats) : free.pop();
    Tensor tensor = Tensor.wrap(place.data, place.offset, shape);
    if (poison) {
      tensor.fill(Float.NaN);
    }
    lent.put(tensor, place);
    used += 4L * floats;
    highWater = Math.max(highWater, used);
    return tensor;
  }

  /** Takes {@code tensor} back; it must not be used any more. */
  public void give(Tensor tensor) {
    Place place = lent.remove(tensor);
    if (place == null) {
      throw new IllegalStateException(tensor + " was not lent by this arena, or came back before");
    }
    if (poison) {
      tensor.fill(Float.NaN);
    }
    used -= 4L * place.floats;
    if (lent.isEmpty()) {
      returned.values().forEach(ArrayDeque::clear);
      slabs.forEach(s -> s.top = 0);
    } else if (!poison) {
      returned.computeIfAbsent(place.floats, n -> new ArrayDeque<>()).push(place);
    }
  }

  private Place bump(int floats) {
    for (Slab slab : slabs) {
      if (slab.data.length - slab.top >= floats) {
        slab.top += floats;
        return new Place(slab.data, slab.top - floats, floats);
      }
    }
    int size = Math.max(floats, (int) Math.min(SLAB, Math.max(0, (budget - reserved) / 4)));
    if (reserved + 4L * size > budget) {
      throw new BudgetExceededException(reserved + 4L * size, budget);
    }
    Slab slab = new Slab(size);
    slabs.add(slab);
    reserved += 4L * size;
    slab.top = floats;
    return new Place(slab.data, 0, floats);
  }

  /** The most bytes that were lent at one time. */
  public long highWaterBytes() {
    return highWater;
  }

  /** The bytes of all slabs. */
  public long reservedBytes() {
    return reserved;
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
