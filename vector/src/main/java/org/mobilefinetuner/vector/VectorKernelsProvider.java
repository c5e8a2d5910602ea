package org.mobilefinetuner.vector;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.KernelsProvider;

/**
 * Makes the backend on the Vector API known.
 *
 * <p>The system property {@code mft.vector.bits} forces vectors of 128, 256 or 512 bits; otherwise
 * they are the widest of the machine.
 */
public final class VectorKernelsProvider implements KernelsProvider {
  private static final String MODULE = "jdk.incubator.vector";

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public int priority() {
    return 100;
  }

  @Override
  public @Nullable String unavailable() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return "the module " + MODULE + " is missing; start java with --add-modules=" + MODULE;
    }
    return Lanes.L < 4 ? "this machine has no vectors of at least 128 bits" : null;
  }

  @Override
  public Kernels create(int threads) {
    return new VectorKernels(threads);
  }
}
