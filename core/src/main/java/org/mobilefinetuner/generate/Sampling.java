package org.mobilefinetuner.generate;

import java.util.Arrays;
import org.mobilefinetuner.kernel.Draws;

/**
 * How the next token is chosen from the logits: the most likely one, or one drawn at random.
 *
 * <p>As in Hugging Face's {@code generate}: first the repetition penalty, then the temperature,
 * then the {@code topK} highest are kept, then of those the fewest whose probabilities reach {@code
 * topP}. Draws are a function of the seed and the number of the token.
 *
 * @param temperature what logits are divided by; 0 takes the most likely token
 * @param topK how many tokens may be drawn; 0 for all
 * @param topP the probability of the tokens that may be drawn; 1 for all
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens seen before
 *     (Keskar et al.: CTRL, arXiv 1909.05858); 1 for none
 */
public record Sampling(
    double temperature, int topK, double topP, double repetitionPenalty, long seed) {
  public Sampling {
    check(
        temperature >= 0 && temperature < Double.POSITIVE_INFINITY,
        "a temperature of at least 0",
        temperature);
    check(topK >= 0, "a top-k of at least 0", topK);
    check(topP > 0 && topP <= 1, "a top-p in (0, 1]", topP);
    check(
        repetitionPenalty > 0 && repetitionPenalty < Double.POSITIVE_INFINITY,
        "a repetition penalty above 0",
        repetitionPenalty);
  }

  private static void check(boolean valid, String wanted, Number found) {
    if (!valid) {
      throw new IllegalArgumentException("expected " + wanted + ", found " + found);
    }
  }

  /** Always the most likely token. */
  public static Sampling greedy() {
    return new Sampling(0, 0, 1, 1, 0);
  }

  /**
   * The next token.
   *
   * @param logits one for each token; they are changed
   * @param seen the tokens so far
   * @param number how many tokens have been chosen before this one
   */
  int next(float[] logits, int[] seen, long number) {
    penalise(logits, seen);
    if (temperature == 0) {
      return highest(logits);
    }
    long[] order = candidates(logits);
    double top = logits[id(order[0])];
    double[] weight = new double[order.length];
    double sum = 0;
    for (int i = 0; i < order.length; i++) {
      weight[i] = StrictMath.exp((logits[id(order[i])] - top) / temperature);
      sum += weight[i];
    }
    double kept = 0;
    int count = 0;
    while (count < order.length && kept < topP * sum) {
      kept += weight[count++];
    }
    double draw = Draws.uniform(Draws.key(seed, number)) * kept;
    for (int i = 0; i < count; i++) {
      draw -= weight[i];
      if (draw < 0) {
        return id(order[i]);
      }
    }
    return id(order[count - 1]);
  }

  private void penalise(float[] logits, int[] seen) {
    if (repetitionPenalty == 1) {
      return;
    }
    for (int token : Arrays.stream(seen).distinct().toArray()) {
      float logit = logits[token];
      logits[token] = (float) (logit < 0 ? logit * repetitionPenalty : logit / repetitionPenalty);
    }
  }

  private static int highest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  /** The tokens that top-k leaves, by falling logits; the token's number breaks ties. */
  private long[] candidates(float[] logits) {
    int count = topK == 0 ? logits.length : Math.min(topK, logits.length);
    long[] best = new long[count];
    if (count == logits.length) {
      for (int i = 0; i < count; i++) {
        best[i] = ordered(logits[i], i);
      }
      Arrays.sort(best);
      return best;
    }
    Arrays.fill(best, Long.MAX_VALUE);
    for (int i = 0; i < logits.length; i++) {
      long token = ordered(logits[i], i);
      if (token < best[count - 1]) {
        int at = count - 1;
        for (; at > 0 && token < best[at - 1]; at--) {
          best[at] = best[at - 1];
        }
        best[at] = token;
      }
    }
    return best;
  }

  /** A number that rises as the logit falls, and then with the token. */
  private static long ordered(float logit, int token) {
    int bits = Float.floatToIntBits(0f - logit);
    int rising = bits ^ (bits >> 31 & 0x7fffffff);
    return (long) rising << 32 | token;
  }

  private static int id(long ordered) {
    return (int) ordered;
  }
}
