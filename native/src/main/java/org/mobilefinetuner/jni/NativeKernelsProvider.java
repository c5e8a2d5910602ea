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
  private static final long PACKED = 8 << 20;
  private static final long PER_THREAD = 2 << 20;

  @Override
  public String name() {
    return "native";
  }

  /** Behind the Vector API where there is one, before plain Java. */
  @Override
  public int priority() {
    return 50;
  }

  @Override
  public @Nullable String unavailable() {
    return LibraryLoader.load();
  }

  /** A packed operand, which all threads read, and what each of them packs and decodes to. */
  @Override
  public long nativeBytes(int threads) {
    return PACKED + threads * PER_THREAD;
  }

  @Override
  public Kernels create(int threads) {
    String reason = unavailable();
    if (reason != null) {
      throw new IllegalStateException(reason);
    }
    return new NativeKernels(threads);
  }
}
