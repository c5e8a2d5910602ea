package org.mobilefinetuner.autograd;

import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Tensor;

/** The gradients of a list of parameters, each in memory of its own, summed until cleared. */
public final class Gradients implements GradientStore {
  private static final class Slot {
    final Tensor value;
    boolean written;

    Slot(Tensor value) {
      this.value = value;
    }
  }

  private final IdentityHashMap<Parameter, Slot> slots = new IdentityHashMap<>();

  public Gradients(List<Parameter> parameters) {
    for (Parameter p : parameters) {
      slots.put(p, new Slot(Tensor.zeros(p.value().shape())));
    }
  }

  @Override
  public void add(Parameter parameter, GradientWriter writer) {
    Slot slot = slots.get(parameter);
    if (slot == null) {
      throw new IllegalStateException(parameter + " is trainable but not in the optimizer's list");
    }
    writer.write(slot.value, slot.written ? 1 : 0);
    slot.written = true;
  }

  /** The sum so far, or null if nothing has been added since the last {@link #clear}. */
  public @Nullable Tensor of(Parameter parameter) {
    Slot slot = slots.get(parameter);
    return slot == null || !slot.written ? null : slot.value;
  }

  @Override
  public @Nullable Numbers numbers(Parameter parameter) {
    Tensor sum = of(parameter);
    return sum == null ? null : Numbers.of(sum);
  }

  @Override
  public void clear() {
    slots.values().forEach(s -> s.written = false);
  }
}
