package org.mobilefinetuner.model;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.tensor.Tensor;

/**
 * The unit of everything: of weight streaming, recomputation, sharding and pausing. A model is a
 * list of them: the embedding, the blocks, the {@link Head}.
 */
public interface Segment {
  /** What the embedding is given. */
  Tensor NOTHING = Tensor.zeros(1);

  /** The prefix of the names of this segment's weights, such as {@code transformer.h.7}. */
  String name();

  /** The segment's output; x: [T, d], and [T, d] comes out, or the loss, [1], of a head. */
  Tensor forward(Tape tape, Weights weights, Batch batch, Tensor x);
}
