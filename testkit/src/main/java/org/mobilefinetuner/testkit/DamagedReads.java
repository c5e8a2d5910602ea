package org.mobilefinetuner.testkit;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A reader and damaged copies of a file that it can read. Whatever the bytes, it reads them or
 * throws an {@link IOException} that says why not, within two seconds, and allocates no more than
 * 16 MiB and eight times the file's size.
 */
public final class DamagedReads {
  /** Reads all of a file that a program would read. */
  @FunctionalInterface
  public interface Reader {
    void read(Path file) throws IOException;
  }

  private static final long NANOS = 2_000_000_000L;
  private static final long BYTES = 16 << 20;

  private final com.sun.management.ThreadMXBean threads =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final Path file;
  private final byte[] whole;
  private final Damage damage;
  private final Reader reader;
  private int refused;

  /**
   * @param file can be read, and will be damaged
   */
  public DamagedReads(Path file, Damage damage, Reader reader) throws IOException {
    this.file = file;
    this.whole = Files.readAllBytes(file);
    this.damage = damage;
    this.reader = reader;
    reader.read(file); // or the test would test nothing
  }

  /** How many damaged files were refused. */
  public int refused() {
    return refused;
  }

  /** Reads a copy that is damaged as the seed says, which stays; what went wrong, or null. */
  public @Nullable String failure(long seed) throws IOException {
    byte[] damaged = damage.of(whole, seed);
    Files.write(file, damaged);
    long allocated = threads.getCurrentThreadAllocatedBytes();
    long started = System.nanoTime();
    try {
      reader.read(file);
    } catch (IOException e) {
      refused++;
      if (e.getMessage() == null || e.getMessage().isBlank()) {
        return "threw " + e.getClass() + " without a reason";
      }
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      StackTraceElement[] trace = e.getStackTrace();
      return "threw " + e + (trace.length == 0 ? "" : " at " + trace[0]);
    }
    long nanos = System.nanoTime() - started;
    if (nanos > NANOS) {
      return "took " + nanos / 1_000_000 + " ms";
    }
    allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
    return allocated > BYTES + 8L * damaged.length
        ? "allocated " + (allocated >> 20) + " MiB for " + damaged.length + " bytes"
        : null;
  }
}
