package org.mobilefinetuner.metrics;

import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.OptionalLong;

/**
 * What this process has had read from disks, by Linux and Android in {@code /proc/self/io}: mapped
 * pages as well, but not what was in memory already.
 */
public final class ProcessReads {
  private final Path io;
  private long before;

  /** Begins to count. */
  public ProcessReads() {
    this(Paths.get("/proc/self/io"));
  }

  ProcessReads(Path io) {
    this.io = io;
    this.before = total().orElse(0);
  }

  /** Bytes since the last call, where the system tells. */
  public OptionalLong bytes() {
    OptionalLong now = total();
    long from = before;
    now.ifPresent(bytes -> before = bytes);
    return now.isPresent() ? OptionalLong.of(now.getAsLong() - from) : now;
  }

  private OptionalLong total() {
    return ProcFile.number(io, "read_bytes:");
  }
}
