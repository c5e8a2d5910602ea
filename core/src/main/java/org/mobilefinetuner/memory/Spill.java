package org.mobilefinetuner.memory;

import org.mobilefinetuner.tensor.Tensor;

/** A place outside memory for values that are wanted again later in the same step. */
public interface Spill {
  /** Puts a copy of {@code values} in slot {@code slot}. */
  void write(int slot, Tensor values);

  /** Fills {@code values} with what was last put in slot {@code slot}, bit for bit. */
  void read(int slot, Tensor values);

  /** The time that reads and writes have taken so far. */
  default long nanos() {
    return 0;
  }
}
