package org.mobilefinetuner.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.ForwardPass;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.WeightStore;
import org.mobilefinetuner.ops.KvCache;
import org.mobilefinetuner.ops.LinearCrossEntropy;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Reads token sequences one after the other, and of each only what is not the beginning of the one
 * before: the keys and values of common beginnings are kept.
 *
 * <p>Layers that see only a window of tokens keep all of them here, because the window moves back
 * when the next sequence begins.
 */
final class CachedReader {
  private static final int PIECE = 512; // tokens in one pass
  private static final int ROOM = 256; // the cache grows by as many tokens

  private final Model model;
  private final Arena arena;
  private final ForwardPass pass;
  private KvCache cache;
  private int[] held = new int[0];
  private long tokensRead;

  CachedReader(Model model, WeightStore store, Kernels kernels, Arena arena) {
    this.model = model;
    this.arena = arena;
    this.pass = new ForwardPass(model, store, kernels, arena);
    this.cache = cache(0);
  }

  private KvCache cache(int tokens) {
    List<AttentionShape> shapes = new ArrayList<>();
    for (AttentionShape s : model.attention()) {
      shapes.add(
          new AttentionShape(
              s.heads(), s.kvHeads(), s.width(), s.scale(), AttentionShape.UNLIMITED));
    }
    int capacity = (tokens / ROOM + 1) * ROOM;
    return new KvCache(shapes, Math.min(capacity, model.positions()));
  }

  /** Tokens that went through the model; less than those of all sequences. */
  long tokensRead() {
    return tokensRead;
  }

  /** The logits, [V], of the token behind {@code ids}. */
  float[] next(int[] ids) {
    float[] logits = new float[model.vocabulary()];
    int[] none = new int[ids.length];
    Arrays.fill(none, LinearCrossEntropy.IGNORE);
    read(ids, none, ids.length - 1, (batch, x) -> pass.logits(x.rows(x.rows() - 1, 1), logits));
    for (float logit : logits) {
      requireFinite(logit);
    }
    return logits;
  }

  /** log p of the tokens from number {@code from} on, given those before; {@code from >= 1}. */
  double logLikelihood(int[] ids, int from) {
    int[] targets = new int[ids.length - 1];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = i + 1 < from ? LinearCrossEntropy.IGNORE : ids[i + 1];
    }
    double[] nll = {0};
    read(
        Arrays.copyOf(ids, ids.length - 1),
        targets,
        from - 1,
        (batch, x) -> {
          if (PerplexityWindow.count(batch.targets()) > 0) {
            pass.losses(batch, x);
          }
          nll[0] += batch.totalNll();
        });
    requireFinite(nll[0]);
    return -nll[0];
  }

  private interface Outputs {
    /**
     * @param x what the last block makes of the batch
     */
    void take(Batch batch, Tensor x);
  }

  /** Reads {@code ids}; of those that are held already at most the first {@code most} are not. */
  private void read(int[] ids, int[] targets, int most, Outputs outputs) {
    int keep = 0;
    if (ids.length > cache.capacity()) {
      cache = cache(ids.length);
    } else {
      while (keep < Math.min(most, held.length) && held[keep] == ids[keep]) {
        keep++;
      }
      cache.truncate(keep);
    }
    held = Arrays.copyOf(ids, keep); // in case this fails half-way
    for (int from = keep; from < ids.length; from += PIECE) {
      int to = Math.min(ids.length, from + PIECE);
      Batch batch =
          Batch.reading(
              Arrays.copyOfRange(ids, from, to), Arrays.copyOfRange(targets, from, to), cache);
      Tensor x = pass.blocks(batch);
      cache.advance(to - from);
      tokensRead += to - from;
      outputs.take(batch, x);
      arena.give(x);
    }
    held = ids;
  }

  private static void requireFinite(double value) {
    if (!(Math.abs(value) <= Double.MAX_VALUE)) {
      throw new ArithmeticException("expected finite logits, found " + value);
    }
  }
}
