package org.mobilefinetuner.model;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.ops.Embedding;
import org.mobilefinetuner.tensor.Tensor;

/**
 * The first segment where positions are rotary: a row of the table for each token.
 *
 * @param scale what the rows are multiplied with
 */
record TokenEmbedding(float scale) implements Segment {
  @Override
  public String name() {
    return "model";
  }

  @Override
  public Tensor forward(Tape t, Weights w, Batch batch, Tensor nothing) {
    return Embedding.apply(t, batch.ids(), w.table("embed_tokens.weight"), scale);
  }
}
