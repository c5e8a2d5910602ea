package org.mobilefinetuner.kernel;

import org.jspecify.annotations.Nullable;

/** How a backend makes itself known, through {@link java.util.ServiceLoader}. */
public interface KernelsProvider {
  String name();

  /** The higher is preferred; the scalar backend has 0. */
  int priority();

  /** Why the backend cannot be used on this machine, or null if it can. */
  @Nullable String unavailable();

  /** A backend that uses {@code threads} threads. */
  Kernels create(int threads);
}
