package org.mobilefinetuner.model;

import org.mobilefinetuner.adapter.Projection;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.ops.Layout;

/** The weights of one segment, present in memory until closed. */
public interface Weights extends AutoCloseable {
  /** The weight called {@code name} behind the segment's prefix. */
  Weight get(String name);

  /**
   * The table called {@code name}, of which there may be no more in memory than an operation asks
   * for: the operations for tables read rows of what is absent.
   */
  default Weight table(String name) {
    return get(name);
  }

  /** The linear layer called {@code name}: its weight, bias if the model has one, and adapter. */
  Projection projection(String name, Layout layout);

  /** The same for a weight [out, in], as all but GPT-2 have them. */
  default Projection projection(String name) {
    return projection(name, Layout.OUT_IN);
  }

  @Override
  void close();
}
