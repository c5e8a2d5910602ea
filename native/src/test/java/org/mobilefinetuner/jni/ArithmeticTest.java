package org.mobilefinetuner.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The exponential. */
final class ArithmeticTest {
  @BeforeAll
  static void load() {
    assumeTrue(Processor.current().unsupported() == null);
    assertThat(LibraryLoader.load()).isNull();
  }

  @Test
  void exponentialsAreExact() {
    double worst = 0;
    for (float x = -87; x < 0; x += 0.0037f) {
      float[] z = {x};
      Library.scaledExponentials(z, 0, 1, 0, 1);
      double exact = Math.exp(x);
      worst = Math.max(worst, Math.abs(z[0] - exact) / Math.ulp((float) exact));
      assertThat(Library.exponentialSum(new float[] {x}, 0, 1, 0)).isEqualTo(z[0]);
    }
    assertThat(worst).isLessThan(1.01);
  }
}
