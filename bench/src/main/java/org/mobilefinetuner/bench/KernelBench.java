package org.mobilefinetuner.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.mobilefinetuner.kernel.AdamWStep;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.SoftmaxSums;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;
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

/** The other kernels, in the shapes of one block of GPT-2 at 8 × 128 tokens. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class KernelBench {
  private static final int TOKENS = 1024;
  private static final int WIDTH = 768;
  private static final int HEADS = 12;
  private static final int VOCABULARY = 50257;
  private static final AttentionShape SHAPE = AttentionShape.causal(HEADS, WIDTH / HEADS);
  private static final AdamWStep STEP =
      new AdamWStep(1e-4f, 0.9f, 0.999f, 1e-8f, 0.01f, 1, 0.5f, 0.5f);

  /** A backend of {@link Backends}. */
  @Param({"vector"})
  public String backend = "";

  @Param({"1", "2"})
  public int threads;

  private Kernels kernels = Backends.named("scalar", 1);
  private final Random random = new Random(1);
  private final Tensor x = normal(TOKENS, WIDTH);
  private final Tensor y = normal(TOKENS, WIDTH);
  private final Tensor dx = normal(TOKENS, WIDTH);
  private final Tensor gain = normal(WIDTH);
  private final Tensor bias = normal(WIDTH);
  private final Tensor mean = normal(TOKENS);
  private final Tensor rstd = normal(TOKENS);
  private final Tensor wide = normal(TOKENS, 4 * WIDTH);
  private final Tensor wideOut = normal(TOKENS, 4 * WIDTH);
  private final Tensor logits = normal(128, VOCABULARY);
  private final int[] targets = random.ints(128, 0, VOCABULARY).toArray();
  private final Tensor qkv = normal(TOKENS, 3 * WIDTH);
  private final Tensor dqkv = normal(TOKENS, 3 * WIDTH);
  private final Tensor lse = normal(TOKENS, HEADS);
  private final int[] starts = {0, 128, 256, 384, 512, 640, 768, 896, 1024};
  private final Tensor moment = Tensor.zeros(TOKENS, 4 * WIDTH);
  private final Tensor squares = Tensor.zeros(TOKENS, 4 * WIDTH);

  @Setup(Level.Trial)
  public void start() {
    kernels = Backends.named(backend, threads);
    attention();
  }

  @TearDown(Level.Trial)
  public void end() {
    kernels.close();
  }

  @Benchmark
  public Tensor layerNorm() {
    kernels.layerNorm(x, gain, bias, 1e-5f, y, mean, rstd);
    return y;
  }

  @Benchmark
  public Tensor layerNormBackward() {
    kernels.layerNormBackward(y, x, gain, mean, rstd, 0, dx);
    return dx;
  }

  @Benchmark
  public Tensor gelu() {
    kernels.gelu(wide, wideOut);
    return wideOut;
  }

  @Benchmark
  public Tensor geluBackward() {
    kernels.geluBackward(wide, wide, 0, wideOut);
    return wideOut;
  }

  @Benchmark
  public Tensor crossEntropy() {
    SoftmaxSums sums = new SoftmaxSums(128, kernels.piece(VOCABULARY));
    kernels.softmaxSums(logits, 0, targets, sums);
    kernels.softmaxGradient(logits, 0, targets, 1e-3f, sums);
    return logits;
  }

  @Benchmark
  public Tensor attention() {
    kernels.attention(SHAPE, starts, window(qkv, 0), window(qkv, 1), window(qkv, 2), y, lse);
    return y;
  }

  @Benchmark
  public Tensor attentionBackward() {
    kernels.attentionBackward(
        SHAPE,
        starts,
        window(qkv, 0),
        window(qkv, 1),
        window(qkv, 2),
        y,
        lse,
        x,
        0,
        window(dqkv, 0),
        window(dqkv, 1),
        window(dqkv, 2));
    return dqkv;
  }

  @Benchmark
  public Tensor adamW() {
    kernels.adamW(STEP, wide, wideOut, moment, squares);
    return wide;
  }

  private static Window window(Tensor qkv, int part) {
    return new Window(qkv, part * WIDTH);
  }

  private Tensor normal(int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[i] = (float) random.nextGaussian();
    }
    return tensor;
  }
}
