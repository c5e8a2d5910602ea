package org.mobilefinetuner.jni;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.KernelsProvider;
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
}
