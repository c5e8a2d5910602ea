package org.mobilefinetuner.testkit;

import org.mobilefinetuner.tensor.Tensor;

/** What an operation under {@link GradCheck} is applied to; its values are moved in place. */
record Operand(Role role, Tensor value) {
  enum Role {
    INPUT,
    /** Frozen or trainable. */
    WEIGHT,
    /** Always trainable. */
    PARAMETER
  }
}
