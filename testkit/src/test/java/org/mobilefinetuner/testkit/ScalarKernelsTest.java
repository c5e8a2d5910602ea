package org.mobilefinetuner.testkit;

import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;

/** The specification keeps its own promises. */
final class ScalarKernelsTest extends CompiledKernelContract {
  @Override
  protected Kernels kernels(int threads) {
    return new ScalarKernels();
  }
}
