package org.mobilefinetuner.kernel;

import org.jspecify.annotations.Nullable;

/** How a backend makes itself known, through {@link java.util.ServiceLoader}. */
public interface KernelsProvider {
  String name();

  /** The higher is preferred; the scalar backend has 0. */
  int priority();

  /** Why the backend cannot be used on this machine, or null if it can. */
  @Nullable String unavailable();

  /**
   * The bytes outside Java's heap that {@code threads} threads work in at most, for sequences and
   * heads of usual size; working memory in the heap is not counted.
   */
  default long offHeapBytes(int threads) {
    return 0;
  }

  /** A backend that uses {@code threads} threads. */
  Kernels create(int threads);
}
