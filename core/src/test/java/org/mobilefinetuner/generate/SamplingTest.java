package org.mobilefinetuner.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SamplingTest {
  private static final int[] NOTHING = {};

  /** Logits of the probabilities 0.1, 0.4, 0.3, 0.2. */
  private static float[] logits() {
    double[] p = {0.1, 0.4, 0.3, 0.2};
    float[] logits = new float[p.length];
    for (int i = 0; i < p.length; i++) {
      logits[i] = (float) Math.log(p[i]);
    }
    return logits;
  }

  /** How often each token is drawn, of 20,000 draws. */
  private static double[] shares(Sampling sampling, int... seen) {
    double[] shares = new double[4];
    for (int i = 0; i < 20_000; i++) {
      shares[sampling.next(logits(), seen, i)] += 1 / 20_000.0;
    }
    return shares;
  }

  private static void assertShares(Sampling sampling, double... expected) {
    assertThat(shares(sampling)).containsExactly(expected, within(0.015));
  }

  @Test
  void probabilitiesAreTheSoftmax() {
    assertShares(new Sampling(1, 0, 1, 1, 42), 0.1, 0.4, 0.3, 0.2);
  }

  @Test
  void temperatureIsAPowerOfTheProbabilities() {
    double sum = 0.01 + 0.16 + 0.09 + 0.04;
    assertShares(new Sampling(0.5, 0, 1, 1, 42), 0.01 / sum, 0.16 / sum, 0.09 / sum, 0.04 / sum);
  }

  @Test
  void topKKeepsTheHighest() {
    assertShares(new Sampling(1, 2, 1, 1, 42), 0, 4 / 7.0, 3 / 7.0, 0);
    assertShares(new Sampling(1, 4, 1, 1, 42), 0.1, 0.4, 0.3, 0.2);
    assertShares(new Sampling(1, 1, 1, 1, 42), 0, 1, 0, 0);
  }

  @Test
  void topPKeepsTheFewestThatReachIt() {
    assertShares(new Sampling(1, 0, 0.65, 1, 42), 0, 4 / 7.0, 3 / 7.0, 0);
    assertShares(new Sampling(1, 0, 0.75, 1, 42), 0, 4 / 9.0, 3 / 9.0, 2 / 9.0);
    assertShares(new Sampling(1, 0, 1e-9, 1, 42), 0, 1, 0, 0);
  }

  @Test
  void topPIsOfWhatTopKHasLeft() {
    assertShares(new Sampling(1, 2, 0.55, 1, 42), 0, 1, 0, 0);
    assertShares(new Sampling(1, 2, 0.6, 1, 42), 0, 4 / 7.0, 3 / 7.0, 0);
  }

  @Test
  void penaltyIsForWhatWasSeenAndCountsOnce() {
    Sampling sampling = new Sampling(1, 0, 1, 2, 42);
    double[] p = {0.1, 0.16, 0.3, 0.2}; // a log-probability doubled: squared
    double[] expected = java.util.Arrays.stream(p).map(x -> x / 0.76).toArray();
    assertThat(shares(sampling, 1)).containsExactly(expected, within(0.015));
    assertThat(shares(sampling, 1, 1, 1)).containsExactly(expected, within(0.015));
    float[] positive = {2, 4, 3, 1};
    assertThat(new Sampling(0, 0, 1, 2, 0).next(positive, new int[] {1}, 0)).isEqualTo(2);
  }

  @Test
  void greedyTakesTheFirstOfEqual() {
    assertThat(Sampling.greedy().next(new float[] {1, 3, 3, 2}, NOTHING, 0)).isEqualTo(1);
    assertThat(Sampling.greedy().next(new float[] {-1, -3, 0, -0f}, NOTHING, 0)).isEqualTo(2);
    for (int i = 0; i < 100; i++) {
      assertThat(new Sampling(1, 1, 1, 1, i).next(new float[] {1, 3, 3, 2}, NOTHING, i))
          .isEqualTo(1);
    }
  }

  @Test
  void drawsAreAFunctionOfSeedAndNumber() {
    Sampling sampling = new Sampling(1, 0, 1, 1, 42);
    StringBuilder one = new StringBuilder();
    StringBuilder two = new StringBuilder();
    StringBuilder other = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      one.append(sampling.next(logits(), NOTHING, i));
      two.append(sampling.next(logits(), NOTHING, i));
      other.append(new Sampling(1, 0, 1, 1, 43).next(logits(), NOTHING, i));
    }
    assertThat(one.toString()).isEqualTo(two.toString()).isNotEqualTo(other.toString());
  }

  @Test
  void wrongNumbersAreRefused() {
    assertThatThrownBy(() -> new Sampling(-1, 0, 1, 1, 0)).hasMessageContaining("temperature");
    assertThatThrownBy(() -> new Sampling(Double.NaN, 0, 1, 1, 0))
        .hasMessageContaining("temperature");
    assertThatThrownBy(() -> new Sampling(1, -1, 1, 1, 0)).hasMessageContaining("top-k");
    assertThatThrownBy(() -> new Sampling(1, 0, 0, 1, 0)).hasMessageContaining("top-p");
    assertThatThrownBy(() -> new Sampling(1, 0, 1.1, 1, 0)).hasMessageContaining("top-p");
    assertThatThrownBy(() -> new Sampling(1, 0, 1, 0, 0)).hasMessageContaining("repetition");
  }
}
