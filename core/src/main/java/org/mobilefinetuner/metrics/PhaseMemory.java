package org.mobilefinetuner.metrics;

import java.util.function.LongSupplier;

/**
 * The memory of this process at the ends of the phases of a step: the most that was seen there
 * since it was last asked. Where steps are shorter than {@value #MILLIS} ms only some are looked
 * at, so that looking takes no time that counts.
 */
public final class PhaseMemory {
  private static final long MILLIS = 100;

  private final ProcessMemory memory;
  private final LongSupplier nanoClock;
  private final long[] resident;
  private final long[] heap;
  private long looked;
  private boolean looking = true;
  private double residentSum;
  private long residentCount;

  /**
   * @param phases how many there are, in the order in which they end a step
   */
  public PhaseMemory(int phases, LongSupplier nanoClock) {
    this(phases, nanoClock, new ProcessMemory());
  }

  PhaseMemory(int phases, LongSupplier nanoClock, ProcessMemory memory) {
    this.memory = memory;
    this.nanoClock = nanoClock;
    this.resident = new long[phases];
    this.heap = new long[phases];
  }

  /** A phase has ended; the last one ends the step. */
  public void phaseEnded(int phase) {
    if (looking) {
      long bytes = memory.residentBytes().orElse(0);
      resident[phase] = Math.max(resident[phase], bytes);
      heap[phase] = Math.max(heap[phase], ProcessMemory.heapBytes());
      residentSum += bytes;
      residentCount++;
      looked = nanoClock.getAsLong();
    }
    if (phase == resident.length - 1) {
      looking = nanoClock.getAsLong() - looked >= MILLIS * 1_000_000;
    }
  }

  /** The most bytes resident at the ends of a phase; 0 if nothing was seen. */
  public long residentBytes(int phase) {
    return resident[phase];
  }

  /** The most bytes of Java's heap at the ends of a phase; 0 if nothing was seen. */
  public long heapBytes(int phase) {
    return heap[phase];
  }

  /** Forgets what was seen, but for the mean. */
  public void reset() {
    java.util.Arrays.fill(resident, 0);
    java.util.Arrays.fill(heap, 0);
  }

  /** The mean of the bytes resident over all that was ever looked at; 0 if nothing was. */
  public long meanResidentBytes() {
    return residentCount == 0 ? 0 : Math.round(residentSum / residentCount);
  }
}
