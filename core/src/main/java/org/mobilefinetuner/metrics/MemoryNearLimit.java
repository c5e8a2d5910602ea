package org.mobilefinetuner.metrics;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The memory of the process is about to reach a limit. It is looked at once a second at most. */
public final class MemoryNearLimit implements Symptom {
  private static final double NEAR = 0.97;
  private static final long SECOND = 1_000_000_000;

  private final long limitBytes;
  private final String name;
  private final Supplier<OptionalLong> residentBytes;
  private final LongSupplier nanoClock;
  private boolean looked;
  private long last;

  /**
   * @param limitBytes the limit
   * @param name what it is called, such as {@code the memory budget}
   */
  public MemoryNearLimit(long limitBytes, String name) {
    this(limitBytes, name, new ProcessMemory()::residentBytes, System::nanoTime);
  }

  MemoryNearLimit(
      long limitBytes, String name, Supplier<OptionalLong> residentBytes, LongSupplier nanoClock) {
    this.limitBytes = limitBytes;
    this.name = name;
    this.residentBytes = residentBytes;
    this.nanoClock = nanoClock;
  }

  @Override
  public Optional<Finding> step(Sample sample) {
    long now = nanoClock.getAsLong();
    if (looked && now - last < SECOND) {
      return Optional.empty();
    }
    looked = true;
    last = now;
    long resident = residentBytes.get().orElse(0);
    return resident < NEAR * limitBytes
        ? Optional.empty()
        : Optional.of(
            new Finding(
                "memory-near-limit",
                String.format(
                    Locale.ROOT,
                    "%.0f MB of memory are in use, %s is %.0f MB",
                    resident * 1e-6,
                    name,
                    limitBytes * 1e-6),
                "use a smaller --batch-size or --max-seq-length, or a --memory-budget that leaves"
                    + " more to others"));
  }
}
