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

/** Gradients that are in memory only while their segment is computed. */
public final class ShardedGradients implements GradientStore {
  private static final class Slot {
    final Numbers stored;
    @Nullable Tensor present;
    boolean written;

    Slot(Numbers stored) {
      this.stored = stored;
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
      slots.put(p, new Slot(room.zeros(p.value().shape())));
    }
  }

  @Override
  public void add(Parameter parameter, GradientWriter writer) {
    Slot slot = slots.get(parameter);
    if (slot == null) {
      throw new IllegalStateException(parameter + " is trainable but not in the optimizer's list");
    }
    Tensor sum = slot.present;
    if (sum == null) {
      sum = arena.take(parameter.value().shape());
      slot.present = sum;
      if (slot.written) {
        slot.stored.copyTo(sum);
      }
    }
    writer.write(sum, slot.written ? 1 : 0);
    slot.written = true;
  }

  @Override
  public void rest() {
    for (Slot slot : slots.values()) {
      Tensor sum = slot.present;
      if (sum != null) {
        slot.present = null;
        slot.stored.copyFrom(sum);
        arena.give(sum);
      }
    }
  }

  @Override
  public @Nullable Numbers numbers(Parameter parameter) {
    Slot slot = slots.get(parameter);
    return slot == null || !slot.written ? null : slot.stored;
  }

  @Override
  public void clear() {
    slots.values().forEach(slot -> slot.written = false);
  }
}
