package org.mobilefinetuner.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.KernelsProvider;
import org.mobilefinetuner.testkit.CompiledKernelContract;

/** The backend with vectors of 256 bits. */
final class VectorKernels256Test extends CompiledKernelContract {
  private static final KernelsProvider PROVIDER = Widths.provider(256);

  @Override
  protected Kernels kernels(int threads) {
    return PROVIDER.create(threads);
  }

  @Test
  void widthIsForced() {
    try (Kernels kernels = kernels(1)) {
      assertThat(kernels.name()).isEqualTo("vector-256");
    }
  }
}
