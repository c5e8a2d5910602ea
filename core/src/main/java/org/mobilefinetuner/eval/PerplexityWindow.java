package org.mobilefinetuner.eval;

import java.util.Arrays;
import org.mobilefinetuner.ops.LinearCrossEntropy;

/**
 * Tokens that a model reads at once, and what it should predict.
 *
 * @param ids what is read
 * @param targets the token that each should predict, or {@link LinearCrossEntropy#IGNORE}
 * @param weight how much the mean loss over the targets counts; with as much as there are targets,
 *     the losses are just added
 */
record PerplexityWindow(int[] ids, int[] targets, int weight) {
  /** How many of {@code targets} there are. */
  static int count(int[] targets) {
    int count = 0;
    for (int target : targets) {
      count += target == LinearCrossEntropy.IGNORE ? 0 : 1;
    }
    return count;
  }

  /** What to predict where the token at i is followed by {@code labels[i + 1]}. */
  static int[] shifted(int[] labels) {
    int[] targets = Arrays.copyOfRange(labels, 1, labels.length + 1);
    targets[targets.length - 1] = LinearCrossEntropy.IGNORE;
    return targets;
  }

  /** {@code first} in front of {@code rest}. */
  static int[] prepend(int first, int[] rest) {
    int[] all = new int[rest.length + 1];
    all[0] = first;
    System.arraycopy(rest, 0, all, 1, rest.length);
    return all;
  }
}
