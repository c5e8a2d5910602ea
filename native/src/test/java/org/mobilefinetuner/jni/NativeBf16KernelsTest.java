package org.mobilefinetuner.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.KernelsProvider;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.KernelCase;
import org.mobilefinetuner.testkit.KernelContract;

/** The backend with products of bfloat16, where the processor has them. */
final class NativeBf16KernelsTest extends KernelContract {
  private static final KernelsProvider PROVIDER = new NativeBf16KernelsProvider();
  private static final double ROUNDED = 0x1p-8; // of a factor: half a unit of 8 bits

  @BeforeAll
  static void processorHasBfloat16() {
    String reason = Processor.current().withoutBf16();
    assumeTrue(reason == null, reason);
  }

  /** Errors of single products are as likely up as down, so that a sum hardly has twice of one. */
  @Override
  protected double tolerance(KernelCase c) {
    return c.name().startsWith("product") ? 2 * ROUNDED : c.tolerance();
  }

  @Override
  protected Kernels kernels(int threads) {
    return PROVIDER.create(threads);
  }

  /** |error| &le; (2 roundings + the sum's) &middot; &Sigma;|a||b|, for every element. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 127, 131, 1001})
  void errorsAreThoseOfRoundedFactors(int k) {
    Random random = new Random(k);
    Tensor a = normal(random, 29, k);
    Tensor nt = normal(random, 83, k);
    Tensor c = Tensor.zeros(29, 83);
    try (Kernels kernels = kernels(2)) {
      kernels.productNT(1, a, nt, 0, c);
    }
    for (int i = 0; i < 29; i++) {
      for (int j = 0; j < 83; j++) {
        double sum = 0;
        double size = 0;
        for (int p = 0; p < k; p++) {
          double product = (double) a.data()[i * k + p] * nt.data()[j * k + p];
          sum += product;
          size += Math.abs(product);
        }
        double bound = (2 * ROUNDED + ROUNDED * ROUNDED + k * 0x1p-23) * size;
        assertThat(Math.abs(c.data()[i * 83 + j] - sum)).isLessThanOrEqualTo(bound);
      }
    }
  }

  /** What has 8 bits already is multiplied as float32 is; a ninth is rounded, ties to even. */
  @Test
  void onlyFactorsAreRounded() {
    float[] wanted = {1, 1 + 0x1p-7f, 1 + 0x1p-6f, -1, 0x1p100f, Float.NaN, Float.POSITIVE_INFINITY};
    float[] values = {
      1 + 0x1p-8f, 1 + 0x1p-7f, 1 + 0x1.8p-7f, -1 - 0x1p-9f, 0x1.00ffp100f,
      Float.intBitsToFloat(0x7f800001), Float.MAX_VALUE
    };
    Tensor x = Tensor.zeros(values.length, 1);
    System.arraycopy(values, 0, x.data(), 0, values.length);
    Tensor one = Tensor.zeros(64, 1);
    one.fill(1);
    Tensor c = Tensor.zeros(values.length, 64);
    try (Kernels kernels = kernels(1)) {
      kernels.productNT(1, x, one, 0, c);
    }
    for (int i = 0; i < values.length; i++) {
      assertThat(c.data()[64 * i]).isEqualTo(Float.valueOf(wanted[i]));
      assertThat(Format.bf16(Format.toBf16(values[i]))).isEqualTo(Float.valueOf(wanted[i]));
    }
  }

  private static Tensor normal(Random random, int rows, int cols) {
    Tensor tensor = Tensor.zeros(rows, cols);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[i] = (float) random.nextGaussian();
    }
    return tensor;
  }
}
