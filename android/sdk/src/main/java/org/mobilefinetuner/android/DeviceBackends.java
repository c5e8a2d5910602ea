package org.mobilefinetuner.android;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.jni.NativeKernelsProvider;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.KernelsProvider;

/**
 * The backends of a device: those of core, and the native one. Core asks the class path for others,
 * but nothing of that is left in an APK or a dex jar, so it is named here.
 *
 * <p>The native backend loads {@code libmft.so} of the app, or the file at the system property
 * {@code mft.native.library}. Where that is not possible, {@link #best} computes in Java and {@link
 * #whyNotNative} says why.
 */
public final class DeviceBackends {
  private static final KernelsProvider NATIVE = new NativeKernelsProvider();

  static {
    Backends.add(NATIVE);
  }

  private DeviceBackends() {}

  /** All backends, the best first, also those that cannot be used. */
  public static List<KernelsProvider> all() {
    return Backends.all();
  }

  /** The best backend that can be used, to be closed by the caller. */
  public static Kernels best(int threads) {
    return Backends.best(threads);
  }

  /** Why the native backend cannot be used, or null if it can. */
  public static @Nullable String whyNotNative() {
    return NATIVE.unavailable();
  }
}
