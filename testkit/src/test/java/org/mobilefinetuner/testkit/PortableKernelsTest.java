package org.mobilefinetuner.testkit;

import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.PortableKernels;

final class PortableKernelsTest extends CompiledKernelContract {
  @Override
  protected Kernels kernels(int threads) {
    return new PortableKernels(threads);
  }
}
