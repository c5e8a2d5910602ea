package org.mobilefinetuner.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Tensor;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The three products, in the shapes of GPT-2 at 8 × 128 tokens: milliseconds and GFLOP. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class ProductBench {
  /** A backend of {@link Backends}. */
  @Param({"vector"})
  public String backend = "";

  @Param({"1", "2"})
  public int threads;

  /** Rows of C, the length of the sum, columns of C. */
  @Param({"1024x768x2304", "1024x768x768", "1024x768x3072", "1024x3072x768", "128x768x50257"})
  public String shape = "";

  private Kernels kernels = Backends.named("scalar", 1);
  private Tensor a = Tensor.zeros(1);
  private Tensor b = a;
  private Tensor aT = a;
  private Tensor bT = a;
  private Tensor c = a;
  private double gflop;

  /** How much is computed in one call. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Work {
    public double gflop;
  }

  @Setup(Level.Trial)
  public void start() {
    kernels = Backends.named(backend, threads);
    String[] sizes = shape.split("x", -1);
    int m = Integer.parseInt(sizes[0]);
    int k = Integer.parseInt(sizes[1]);
    int n = Integer.parseInt(sizes[2]);
    a = random(m, k);
    b = random(k, n);
    aT = Tensor.of(a.data(), k, m);
    bT = Tensor.of(b.data(), n, k);
    c = Tensor.zeros(m, n);
    gflop = 2e-9 * m * k * n;
  }

  @TearDown(Level.Trial)
  public void end() {
    kernels.close();
  }

  @Benchmark
  public Tensor productNT(Work work) {
    work.gflop += gflop;
    kernels.productNT(1, a, bT, 0, c);
    return c;
  }

  @Benchmark
  public Tensor productNN(Work work) {
    work.gflop += gflop;
    kernels.productNN(1, a, b, 0, c);
    return c;
  }

  @Benchmark
  public Tensor productTN(Work work) {
    work.gflop += gflop;
    kernels.productTN(1, aT, b, 0, c);
    return c;
  }

  private static Tensor random(int rows, int cols) {
    Tensor tensor = Tensor.zeros(rows, cols);
    Random random = new Random(1);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[i] = random.nextFloat() - 0.5f;
    }
    return tensor;
  }
}
