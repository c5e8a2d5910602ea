package org.mobilefinetuner.metrics;

import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.OptionalLong;

/** The memory of the machine as Linux and Android count it, from {@code /proc/meminfo}. */
public final class SystemMemory {
  private static final Path FILE = Paths.get("/proc/meminfo");

  /** Bytes that a process could have without pushing others out (MemAvailable), where known. */
  public OptionalLong availableBytes() {
    return ProcFile.bytes(FILE, "MemAvailable:");
  }

  /** All bytes of the machine (MemTotal), where known. */
  public OptionalLong totalBytes() {
    return ProcFile.bytes(FILE, "MemTotal:");
  }
}
