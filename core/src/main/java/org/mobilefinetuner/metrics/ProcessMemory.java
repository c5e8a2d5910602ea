package org.mobilefinetuner.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.List;
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
    return kilobytes("VmRSS:");
  }

  /** The most bytes that were ever resident (VmHWM), where the system tells. */
  public OptionalLong peakResidentBytes() {
    return kilobytes("VmHWM:");
  }

  /** Bytes of the Java heap that are used now, by what is live and by what is not yet collected. */
  public static long heapBytes() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private OptionalLong kilobytes(String key) {
    List<String> lines;
    try {
      lines = Files.readAllLines(status, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return OptionalLong.empty(); // not Linux
    }
    for (String line : lines) {
      if (line.startsWith(key)) {
        String digits = line.replaceAll("[^0-9]", "");
        return digits.isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(Long.parseLong(digits) << 10);
      }
    }
    return OptionalLong.empty();
  }
}
