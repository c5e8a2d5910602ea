package org.mobilefinetuner.jni;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.KernelsProvider;

/**
 * The backend in native code with products of bfloat16: half of what a large product reads, and the
 * speed of the processor's instructions for it, against factors that are rounded to 8 bits. Only
 * used where it is asked for.
 */
public final class NativeBf16KernelsProvider implements KernelsProvider {
  @Override
  public String name() {
    return "native-bf16";
  }

  /** Behind plain Java, which there always is: it gives other results than the others. */
  @Override
  public int priority() {
    return -1;
  }

  @Override
  public @Nullable String unavailable() {
    String reason = Processor.current().withoutBf16();
    return reason != null ? reason : LibraryLoader.load();
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
    return new NativeKernels(threads, Arithmetic.BF16);
  }
}
