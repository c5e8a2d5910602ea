package org.mobilefinetuner.model;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.ops.CausalAttention;
import org.mobilefinetuner.ops.KvCache;
import org.mobilefinetuner.ops.LinearCrossEntropy;

/**
 * Token sequences of any lengths, one behind the other, without padding: what a model reads.
 *
 * <p>T is the number of all tokens. Attention stays inside a sequence and positions start again
 * with each.
 *
 * @param ids the tokens, [T]
 * @param targets the token that each token should predict, or {@link LinearCrossEntropy#IGNORE},
 *     [T]
 * @param positions the place of each token in its sequence, [T]
 * @param sequences where the sequences start
 * @param tokenKeys what the randomness of each token depends on: its example and position, [T]
 * @param lossScale what the sum of the losses is multiplied with: 1 / supervised tokens of the
 *     optimizer step
 * @param nll receives the loss of each token, [T]
 */
public record Batch(
    int[] ids,
    int[] targets,
    int[] positions,
    CausalAttention.Sequences sequences,
    long[] tokenKeys,
    float lossScale,
    float[] nll) {

  /**
   * One sequence to learn from.
   *
   * @param id the number of the example in its data set
   * @param ids its tokens
   * @param labels for each token the token itself where it is to be predicted, else {@link
   *     LinearCrossEntropy#IGNORE}; the first is never predicted
   */
  public record Sequence(long id, int[] ids, int[] labels) {
    public Sequence {
      if (ids.length == 0 || ids.length != labels.length) {
        throw new IllegalArgumentException(
            "expected as many labels as tokens and at least one, found "
                + ids.length
                + " tokens and "
                + labels.length
                + " labels");
      }
    }

    /** How many tokens of this sequence are predicted. */
    public int supervised() {
      int count = 0;
      for (int i = 1; i < labels.length; i++) {
        count += labels[i] == LinearCrossEntropy.IGNORE ? 0 : 1;
      }
      return count;
    }
  }

  /** The concatenation of {@code sequences}. */
  public static Batch of(List<Sequence> sequences, float lossScale) {
    int tokens = 0;
    for (Sequence s : sequences) {
      tokens = Math.addExact(tokens, s.ids.length);
    }
    int[] ids = new int[tokens];
    int[] targets = new int[tokens];
    int[] positions = new int[tokens];
    long[] keys = new long[tokens];
    int[] starts = new int[sequences.size() + 1];
    int at = 0;
    for (int i = 0; i < sequences.size(); i++) {
      Sequence s = sequences.get(i);
      long key = Draws.key(0, s.id);
      for (int t = 0; t < s.ids.length; t++, at++) {
        ids[at] = s.ids[t];
        targets[at] = t + 1 < s.labels.length ? s.labels[t + 1] : LinearCrossEntropy.IGNORE;
        positions[at] = t;
        keys[at] = Draws.key(key, t);
      }
      starts[i + 1] = at;
    }
    return new Batch(
        ids,
        targets,
        positions,
        new CausalAttention.Sequences(starts, null),
        keys,
        lossScale,
        new float[tokens]);
  }

  /** One sequence that is only read, continuing what {@code cache} holds if there is one. */
  public static Batch reading(int[] ids, @Nullable KvCache cache) {
    int[] targets = new int[ids.length];
    Arrays.fill(targets, LinearCrossEntropy.IGNORE);
    return reading(ids, targets, cache);
  }

  /** The same, with the token that each token should predict. */
  public static Batch reading(int[] ids, int[] targets, @Nullable KvCache cache) {
    int[] positions = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      positions[i] = i + (cache == null ? 0 : cache.length());
    }
    return new Batch(
        ids,
        targets,
        positions,
        new CausalAttention.Sequences(new int[] {0, ids.length}, cache),
        new long[ids.length],
        1,
        new float[ids.length]);
  }

  public int tokens() {
    return ids.length;
  }

  /** The sum of the losses of all tokens, after a forward pass. */
  public double totalNll() {
    double sum = 0;
    for (float loss : nll) {
      sum += loss;
    }
    return sum;
  }
}
