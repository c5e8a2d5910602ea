package org.mobilefinetuner.vector;

import static org.mobilefinetuner.vector.Lanes.F;
import static org.mobilefinetuner.vector.Lanes.L;

import java.util.Arrays;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import jdk.incubator.vector.FloatVector;

/**
 * The machine's limit: how many floating-point operations a second its threads can do at all, in
 * fused multiply-adds that never leave the registers.
 */
public final class FmaPeak {
  /** The windows of a measurement, of which the median counts: a processor's clock changes. */
  public static final int WINDOWS = 7;

  /** The length of a window, roughly. */
  public static final long WINDOW_NANOS = 10_000_000;

  private static final int STEPS = 1 << 20;
  private static final int CHAINS = 12; // independent sums, more than the latency of two pipes

  private FmaPeak() {}

  /** GFLOP/s of {@code threads} threads together: a median. */
  public static double gflops(int threads) {
    double[] windows = new double[WINDOWS];
    for (int i = 0; i < WINDOWS; i++) {
      windows[i] = window(threads);
    }
    Arrays.sort(windows);
    return windows[WINDOWS / 2];
  }

  private static double window(int threads) {
    CyclicBarrier start = new CyclicBarrier(threads);
    long[] nanos = new long[threads];
    Thread[] team = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      int id = t;
      team[t] = Thread.ofPlatform().daemon().start(() -> nanos[id] = time(start));
    }
    double sum = 0;
    for (int t = 0; t < threads; t++) {
      try {
        team[t].join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return 0;
      }
      sum += 2.0 * STEPS * CHAINS * L / nanos[t];
    }
    return sum;
  }

  private static long time(CyclicBarrier start) {
    try {
      start.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
    long begin = System.nanoTime();
    float sum = chains(STEPS, 1 - 0x1p-20f);
    long nanos = System.nanoTime() - begin;
    if (!(sum > 0)) { // uses the sum, so that it is computed
      throw new AssertionError(sum);
    }
    return nanos;
  }

  /** Chains of fused multiply-adds: local variables, or they would not be registers. */
  private static float chains(int steps, float factor) {
    FloatVector f = FloatVector.broadcast(F, factor);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    FloatVector s8 = s0;
    FloatVector s9 = s0;
    FloatVector s10 = s0;
    FloatVector s11 = s0;
    for (int i = 0; i < steps; i++) {
      s0 = s0.fma(f, f);
      s1 = s1.fma(f, f);
      s2 = s2.fma(f, f);
      s3 = s3.fma(f, f);
      s4 = s4.fma(f, f);
      s5 = s5.fma(f, f);
      s6 = s6.fma(f, f);
      s7 = s7.fma(f, f);
      s8 = s8.fma(f, f);
      s9 = s9.fma(f, f);
      s10 = s10.fma(f, f);
      s11 = s11.fma(f, f);
    }
    FloatVector all = s0.add(s1).add(s2.add(s3)).add(s4.add(s5)).add(s6.add(s7));
    return all.add(s8.add(s9)).add(s10.add(s11)).lane(0);
  }
}
