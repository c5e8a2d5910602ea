package org.mobilefinetuner.metrics;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The memory of this process at the ends of the phases of a step: the most that was seen there
 * since it was last asked. Where steps are shorter than {@value #MILLIS} ms only some are looked
 * at, so that looking takes no time that counts.
 *
 * @param <P> the phases
 */
public final class PhaseMemory<P extends Enum<P>> {
  private static final long MILLIS = 100;

  private final ProcessMemory memory = new ProcessMemory();
  private final P last;
  private final LongSupplier nanoClock;
  private final Map<P, Long> resident;
  private final Map<P, Long> heap;
  private long looked;
  private boolean looking = true;
  private double residentSum;
  private long residentCount;

  /**
   * @param last the phase that ends a step
   */
  public PhaseMemory(P last, LongSupplier nanoClock) {
    this.last = last;
    this.nanoClock = nanoClock;
    this.resident = new EnumMap<>(last.getDeclaringClass());
    this.heap = new EnumMap<>(last.getDeclaringClass());
  }

  /** A phase has ended. */
  public void phaseEnded(P phase) {
    if (looking) {
      long bytes = memory.residentBytes().orElse(0);
      resident.merge(phase, bytes, Math::max);
      heap.merge(phase, ProcessMemory.heapBytes(), Math::max);
      residentSum += bytes;
      residentCount++;
      looked = nanoClock.getAsLong();
    }
    if (phase == last) {
      looking = nanoClock.getAsLong() - looked >= MILLIS * 1_000_000;
    }
  }

  /** The most bytes resident at the ends of a phase; 0 if nothing was seen. */
  public long residentBytes(P phase) {
    return resident.getOrDefault(phase, 0L);
  }

  /** The most bytes of Java's heap at the ends of a phase; 0 if nothing was seen. */
  public long heapBytes(P phase) {
    return heap.getOrDefault(phase, 0L);
  }

  /** Forgets what was seen, but for the mean. */
  public void reset() {
    resident.clear();
    heap.clear();
  }

  /** The mean of the bytes resident over all that was ever looked at; 0 if nothing was. */
  public long meanResidentBytes() {
    return residentCount == 0 ? 0 : Math.round(residentSum / residentCount);
  }
}
