package org.mobilefinetuner.jni;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.KernelsProvider;

/**
 * Makes the backend in native code known.
 *
 * <p>The system property {@code mft.native.library} names a library to be used instead of the one
 * that comes with this class.
 */
public final class NativeKernelsProvider implements KernelsProvider {
  @Override
  public String name() {
    return "native";
  }

  /** Before the Vector API: a step takes about a tenth less, and nothing waits for a compiler. */
  @Override
  public int priority() {
    return 150;
  }

  @Override
  public @Nullable String unavailable() {
    return LibraryLoader.load();
  }

  @Override
  public long offHeapBytes(int threads) {
    return NativeKernels.offHeapBytes(threads);
  }

  @Override
  public Kernels create(int threads) {
    String reason = unavailable();
    if (reason != null) {
      throw new IllegalStateException(reason);
    }
    return new NativeKernels(threads, Arithmetic.F32);
  }
}
