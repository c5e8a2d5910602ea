package org.mobilefinetuner.model;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.tensor.Tensor;

/** The last segment: final norm and vocabulary projection. Its forward pass gives the loss. */
public interface Head extends Segment {
  /** x: [T, d] after the final norm. */
  Tensor hidden(Tape tape, Weights weights, Tensor x);

  /** The logits, [T, V], of rows of {@link #hidden}. */
  Tensor logits(Tape tape, Weights weights, Tensor hidden);
}
