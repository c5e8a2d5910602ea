package org.mobilefinetuner.metrics;

import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.OptionalLong;

/**
 * The memory of this process as Linux and Android count it, from {@code /proc/self/status}: heap,
 * code, threads, and the pages of mapped files that are resident.
 */
public final class ProcessMemory {
  private final Path status;

  public ProcessMemory() {
    this(Paths.get("/proc/self/status"));
  }

  ProcessMemory(Path status) {
    this.status = status;
  }

  /** Bytes resident now (VmRSS), where the system tells. */
  public OptionalLong residentBytes() {
    return ProcFile.bytes(status, "VmRSS:");
  }

  /** The most bytes that were ever resident (VmHWM), where the system tells. */
  public OptionalLong peakResidentBytes() {
    return ProcFile.bytes(status, "VmHWM:");
  }

  /** Bytes of the Java heap that are used now, by what is live and by what is not yet collected. */
  public static long heapBytes() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
