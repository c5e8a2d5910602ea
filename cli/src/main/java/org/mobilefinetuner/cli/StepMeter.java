package org.mobilefinetuner.cli;

import com.sun.management.ThreadMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/** What each of some steps takes: time, memory allocated by Java, time of its collector. */
final class StepMeter {
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final double[] seconds;
  private final long[] allocated;
  private final long[] collecting;
  private int steps;
  private long startNanos;
  private long startAllocated;
  private long startCollecting;

  /** A meter for {@code steps} steps. */
  StepMeter(int steps) {
    seconds = new double[steps];
    allocated = new long[steps];
    collecting = new long[steps];
  }

  void begin() {
    startCollecting = collectionMillis();
    startAllocated = threads.getTotalThreadAllocatedBytes();
    startNanos = System.nanoTime();
  }

  void end() {
    seconds[steps] = (System.nanoTime() - startNanos) * 1e-9;
    allocated[steps] = threads.getTotalThreadAllocatedBytes() - startAllocated;
    collecting[steps] = collectionMillis() - startCollecting;
    steps++;
  }

  /** Seconds of every step, in the order of the steps. */
  double[] seconds() {
    return seconds.clone();
  }

  /** Bytes that all threads together allocated in the Java heap in the median step. */
  long allocatedBytes() {
    long[] sorted = allocated.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /**
   * The most milliseconds that the collector stopped a step, all its pauses together: no single
   * pause was longer.
   */
  long longestPauseMillis() {
    return Arrays.stream(collecting).max().orElse(0);
  }

  private static long collectionMillis() {
    long sum = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      sum += Math.max(0, collector.getCollectionTime());
    }
    return sum;
  }
}
