package org.mobilefinetuner.ops;

/** How a projection's weight lies in memory. */
public enum Layout {
  /** [out, in], as PyTorch's Linear: y = x·Wᵀ. */
  OUT_IN,
  /** [in, out], as GPT-2's Conv1D: y = x·W. */
  IN_OUT
}
