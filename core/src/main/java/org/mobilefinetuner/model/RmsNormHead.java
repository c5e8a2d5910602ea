package org.mobilefinetuner.model;

import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.ops.Linear;
import org.mobilefinetuner.ops.LinearCrossEntropy;
import org.mobilefinetuner.ops.RmsNorm;
import org.mobilefinetuner.tensor.Tensor;

/**
 * The last segment of models with RMS norms.
 *
 * @param table the name of the vocabulary projection's weight, [V, d]
 * @param offset what is added to the norm's gain
 */
record RmsNormHead(String table, float offset, float eps) implements Head {
  @Override
  public String name() {
    return "";
  }

  @Override
  public Tensor forward(Tape t, Weights w, Batch batch, Tensor x) {
    return LinearCrossEntropy.apply(
        t, hidden(t, w, x), w.table(table), batch.targets(), batch.lossScale(), batch.nll());
  }

  @Override
  public Tensor hidden(Tape t, Weights w, Tensor x) {
    return RmsNorm.apply(t, x, w.get("model.norm.weight"), offset, eps);
  }

  @Override
  public Tensor logits(Tape t, Weights w, Tensor hidden) {
    return Linear.apply(t, hidden, w.get(table));
  }
}
