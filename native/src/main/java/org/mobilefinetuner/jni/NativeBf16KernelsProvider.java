package org.mobilefinetuner.jni;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.KernelsProvider;

/**
 * The backend in native code with products of bfloat16: factors are rounded to 8 bits, sums are
 * float32. Only used where it is asked for.
 *
 * <p>What that gains depends on the processor: VDPBF16PS makes twice as many products a second as
 * float32 on Zen 5, but half as many on a Sapphire Rapids Xeon; {@code mft bench peak} tells.
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
