package org.mobilefinetuner.memory;

import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.GradientStore;
import org.mobilefinetuner.autograd.GradientWriter;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Gradients that are in memory only while their segment is computed; of tables only some rows at a
 * time.
 */
public final class ShardedGradients implements GradientStore {
  private static final class Slot {
    final RowSums sums;
    @Nullable Tensor present;

    Slot(RowSums sums) {
      this.sums = sums;
    }
  }

  private final IdentityHashMap<Parameter, Slot> slots = new IdentityHashMap<>();
  private final Arena arena;

  /**
   * @param room for the sums
   * @param arena what the gradients of the segment that is computed are taken from
   */
  public ShardedGradients(List<Parameter> parameters, Numbers.Room room, Arena arena) {
    this.arena = arena;
    for (Parameter p : parameters) {
      slots.put(p, new Slot(new RowSums(room.zeros(p.value().shape()))));
    }
  }

  @Override
  public void add(Parameter parameter, GradientWriter writer) {
    Slot slot = slot(parameter);
    Tensor sum = slot.present;
    float beta = 1;
    if (sum == null) {
      sum = arena.like(parameter.value());
      slot.present = sum;
      beta = slot.sums.isEmpty() ? 0 : 1;
      if (beta == 1) {
        slot.sums.numbers().copyTo(sum);
      }
    }
    writer.write(sum, beta);
  }

  private Slot slot(Parameter parameter) {
    Slot slot = slots.get(parameter);
    if (slot == null) {
      throw new IllegalStateException(parameter + " is trainable but not in the optimizer's list");
    }
    return slot;
  }

  @Override
  public boolean byRows() {
    return true;
  }

  @Override
  public void addRows(Parameter parameter, int[] rows, GradientWriter writer) {
    Slot slot = slot(parameter);
    putAway(slot);
    slot.sums.add(rows, writer, arena);
  }

  @Override
  public void rest() {
    slots.values().forEach(this::putAway);
  }

  private void putAway(Slot slot) {
    Tensor sum = slot.present;
    if (sum != null) {
      slot.present = null;
      slot.sums.set(sum);
      arena.give(sum);
    }
  }

  @Override
  public @Nullable Numbers numbers(Parameter parameter) {
    Slot slot = slots.get(parameter);
    return slot == null || slot.sums.isEmpty() ? null : slot.sums.numbers();
  }

  @Override
  public void clear() {
    slots.values().forEach(slot -> slot.sums.clear());
  }
}
