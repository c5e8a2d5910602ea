package org.mobilefinetuner.adapter;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.ops.Linear;
import org.mobilefinetuner.tensor.Tensor;

/**
 * A linear layer as the model sees it: a weight, a bias or none, and, if this site is being tuned,
 * an adapter. x: [T, in] becomes [T, out].
 */
public record Projection(
    Weight weight, Layout layout, @Nullable Weight bias, @Nullable Adapter adapter) {
  public Tensor apply(Tape tape, Tensor x) {
    return adapter == null ? linear(tape, x) : adapter.apply(tape, this, x);
  }

  /** The same without its bias, for whoever adds it later. */
  public Projection withoutBias() {
    return new Projection(weight, layout, null, adapter);
  }

  /** The layer without its adapter. */
  public Tensor linear(Tape tape, Tensor x) {
    return Linear.apply(tape, x, weight, layout, bias);
  }
}
