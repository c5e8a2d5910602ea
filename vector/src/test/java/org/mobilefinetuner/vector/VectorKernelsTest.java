package org.mobilefinetuner.vector;

import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.testkit.KernelContract;

final class VectorKernelsTest extends KernelContract {
  @Override
  protected Kernels kernels(int threads) {
    return new VectorKernelsProvider().create(threads);
  }
}
