package org.mobilefinetuner.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The exponential and the logarithm, seen through the softmax that is made of them. */
final class ArithmeticTest {
  @BeforeAll
  static void load() {
    assumeTrue(Processor.current().unsupported() == null);
    assertThat(LibraryLoader.load()).isNull();
  }

  /** With two logits x and 0, the first probability is 1/(1 + e⁻ˣ). */
  @Test
  void lossAndProbabilityAreExact() {
    double worst = 0;
    for (float x = -87; x < 87; x += 0.0137f) {
      float[] logits = {x, 0};
      float[] nll = new float[1];
      Library.crossEntropy(logits, 0, new int[] {0}, 0, 1, nll, 0, 1, 2);
      double other = 1 / (1 + Math.exp(x)); // of the second
      worst = Math.max(worst, Math.abs(logits[1] / other - 1));
      double loss = x > 0 ? Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)) - x;
      assertThat((double) nll[0]).isCloseTo(loss, offset(1e-6 * Math.max(1, loss)));
    }
    assertThat(worst).isLessThan(3e-7);
  }
}
