package org.mobilefinetuner.vector;

import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.testkit.CompiledKernelContract;

final class VectorKernelsTest extends CompiledKernelContract {
  @Override
  protected Kernels kernels(int threads) {
    return new VectorKernelsProvider().create(threads);
  }
}
