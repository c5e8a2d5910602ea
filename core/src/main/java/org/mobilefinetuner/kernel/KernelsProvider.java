package org.mobilefinetuner.kernel;

import org.jspecify.annotations.Nullable;

/** How a backend makes itself known, through {@link java.util.ServiceLoader}. */
public interface KernelsProvider {
  String name();

  /** The higher is preferred; the scalar backend has 0. */
  int priority();

  /** Why the backend cannot be used on this machine, or null if it can. */
  @Nullable String unavailable();

  /** The bytes outside Java's heap that a backend of {@code threads} threads works in. */
  default long nativeBytes(int threads) {
    return 0;
  }

  /** A backend that uses {@code threads} threads. */
  Kernels create(int threads);
}
