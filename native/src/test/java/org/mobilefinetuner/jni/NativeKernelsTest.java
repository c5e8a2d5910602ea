package org.mobilefinetuner.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.KernelsProvider;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;
import org.mobilefinetuner.testkit.KernelContract;

/** The backend with the library for this machine, where there is one. */
final class NativeKernelsTest extends KernelContract {
  private static final KernelsProvider PROVIDER = new NativeKernelsProvider();

  @BeforeAll
  static void libraryFitsTheMachine() {
    String reason = Processor.current().unsupported();
    assumeTrue(reason == null, reason);
  }

  @Override
  protected Kernels kernels(int threads) {
    return PROVIDER.create(threads);
  }

  /** A plan for memory relies on it. */
  @Test
  void workingMemoryIsWhatThePlanCounts() {
    int threads = 2;
    int tokens = 1024;
    AttentionShape shape = new AttentionShape(12, 12, 64, 0.125f, tokens);
    int[] starts = {0, 256, 512, 768, 1024};
    try (NativeKernels kernels = (NativeKernels) kernels(threads)) {
      Tensor x = Tensor.zeros(tokens, 768);
      Tensor wide = Tensor.zeros(tokens, 3072);
      Tensor weight = Tensor.zeros(768, 3072);
      kernels.productNN(1, x, weight, 0, wide);
      kernels.productNT(1, wide, weight, 0, x);
      kernels.productTN(1, x, wide, 0, weight);
      Tensor head = Tensor.zeros(16_000, 768);
      kernels.productNT(1, x.rows(0, 256), head, 0, Tensor.zeros(256, 16_000));
      kernels.productNN(1, Tensor.zeros(256, 16_000), head, 0, x.rows(0, 256));
      Window window = new Window(x, 0);
      Tensor lse = Tensor.zeros(tokens, 12);
      kernels.attention(shape, starts, window, window, window, Tensor.zeros(tokens, 768), lse);
      Tensor dy = Tensor.zeros(tokens, 768);
      kernels.attentionBackward(
          shape, starts, window, window, window, x, lse, dy, 0, window, window, window);
      assertThat(kernels.scratchBytes())
          .isBetween(PROVIDER.offHeapBytes(threads) / 2, PROVIDER.offHeapBytes(threads));
    }
  }
}
