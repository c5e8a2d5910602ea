package org.mobilefinetuner.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

  /** More of K than is packed at once, for one thread in another order than for two. */
  @Test
  void howALongProductIsCutDoesNotMatter() {
    Random random = new Random(9);
    Tensor a = uniform(random, 500, 4000);
    Tensor nt = uniform(random, 300, 4000);
    Tensor nn = uniform(random, 4000, 300);
    List<Tensor> results = new ArrayList<>();
    for (int threads = 1; threads <= 2; threads++) {
      try (Kernels kernels = kernels(threads)) {
        Tensor c = Tensor.zeros(500, 300);
        kernels.productNT(1, a, nt, 0, c);
        assertThat(c.data()[299]).isCloseTo(product(a, 0, nt, 299), within(1e-3f));
        kernels.productNN(2, a, nn, 1, c);
        results.add(c);
      }
    }
    assertThat(results.get(1).data()).containsExactly(results.get(0).data());
  }

  private static float product(Tensor a, int row, Tensor b, int other) {
    double sum = 0;
    for (int i = 0; i < a.cols(); i++) {
      sum += (double) a.data()[row * a.cols() + i] * b.data()[other * b.cols() + i];
    }
    return (float) sum;
  }

  private static Tensor uniform(Random random, int rows, int cols) {
    Tensor tensor = Tensor.zeros(rows, cols);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[i] = random.nextFloat() - 0.5f;
    }
    return tensor;
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
