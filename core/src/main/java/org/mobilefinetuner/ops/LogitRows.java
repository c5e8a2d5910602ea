package org.mobilefinetuner.ops;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.SoftmaxSums;
import org.mobilefinetuner.tensor.Tensor;

/** Logits of some rows at a time: W is read twice for each block of rows. */
final class LogitRows {
  /** The fewest rows that a product is worth. */
  static final int FEWEST = 24;

  private final Tape tape;
  private final Weight w;
  private final float scale;

  LogitRows(Tape tape, Weight w, float scale) {
    this.tape = tape;
    this.w = w;
    this.scale = scale;
  }

  /** Writes the losses of all rows, and their gradients to {@code dx} if there is one. */
  void run(SupervisedRows all, @Nullable Tensor dx) {
    Kernels k = tape.kernels();
    int vocabulary = w.value().rows();
    int block = Math.min(most(), all.count());
    Tensor logits = tape.take(block, vocabulary);
    Tensor packed = tape.take(block, w.value().cols());
    SoftmaxSums sums = new SoftmaxSums(block, k.piece(vocabulary));
    for (int from = 0; from < all.count(); from += block) {
      int count = Math.min(block, all.count() - from);
      Tensor z = logits.rows(0, count);
      Tensor h = packed.rows(0, count);
      int[] wanted = all.targets(from, count);
      all.pack(from, h);
      k.productNT(1, h, w.value(), 0, z);
      sums.clear();
      k.softmaxSums(z, 0, wanted, sums);
      all.losses(from, count, sums);
      if (dx != null || tape.needs(w)) {
        k.softmaxGradient(z, 0, wanted, scale, sums);
      }
      tape.gradient(w, (dw, beta) -> k.productTN(1, z, h, beta, dw));
      if (dx != null) {
        k.productNN(1, z, w.value(), 0, h);
        all.unpack(from, h, dx);
      }
    }
    tape.give(packed);
    tape.give(logits);
  }

  private int most() {
    if (w.trainable()) {
      return LinearCrossEntropy.ROWS;
    }
    long fit = tape.pieces().bytes() / (4L * w.value().rows());
    return (int) Math.max(FEWEST, Math.min(fit, LinearCrossEntropy.ROWS));
  }
}
