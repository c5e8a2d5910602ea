package org.mobilefinetuner.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.vector.FmaPeak;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code mft bench peak}: the speed of matrix products of a model's shapes, as a share of what the
 * processor can do at all, both measured in turn in the same run.
 */
@Command(
    name = "peak",
    description = "Measures matrix products against the processor's peak.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class BenchPeak implements Callable<Integer> {
  private static final double WARMUP_SECONDS = 0.7; // of each shape: Java compiles meanwhile
  private static final int TOKENS = 1024;
  private static final int HEAD_TOKENS = 128;

  /** The weights of a block, [in, out] each, and of the head. */
  @SuppressWarnings("ImmutableEnumChecker") // the arrays are private and never written
  enum Shapes {
    GPT2(new int[][] {{768, 2304}, {768, 768}, {768, 3072}, {3072, 768}}, 768, 50257),
    QWEN2(new int[][] {{896, 896}, {896, 128}, {896, 4864}, {4864, 896}}, 896, 151936);

    private final int[][] weights;
    private final int width;
    private final int vocabulary;

    Shapes(int[][] weights, int width, int vocabulary) {
      this.weights = weights;
      this.width = width;
      this.vocabulary = vocabulary;
    }
  }

  private enum Layout {
    NT,
    NN,
    TN
  }

  /** C: [m, n], summed over k. */
  private record Product(Layout layout, int m, int k, int n, boolean head) {
    double flops() {
      return 2.0 * m * k * n;
    }
  }

  /**
   * A product's speed, the median of its runs.
   *
   * @param peak what the processor did in between
   * @param share the median of each run's share of the peak around it
   */
  private record Measured(Product product, double gflops, double peak, double share) {}

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "Numbers of threads (default: 1 and one for each processor).")
  private List<Integer> threads = List.of();

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = "How to compute (default: the fastest that works; see mft doctor).")
  private @Nullable String backend;

  @Option(
      names = "--shapes",
      paramLabel = "MODEL",
      description = "Whose weights: ${COMPLETION-CANDIDATES} (default: GPT2).")
  private Shapes shapes = Shapes.GPT2;

  @Option(names = "--runs", paramLabel = "N", description = "Runs of a product (default: 15).")
  private int runs = 15;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    if (runs < 1 || threads.stream().anyMatch(n -> n < 1)) {
      throw usage("expected at least 1 run and 1 thread, found " + runs + ", " + threads);
    }
    int processors = Runtime.getRuntime().availableProcessors();
    int[] counts =
        threads.isEmpty()
            ? Arrays.stream(new int[] {1, processors}).distinct().toArray()
            : threads.stream().mapToInt(Integer::intValue).toArray();
    List<JsonObject> results = new ArrayList<>();
    PrintWriter out = spec.commandLine().getOut();
    for (int count : counts) {
      measure(count, results, json ? null : out);
    }
    if (json) {
      out.println(
          JsonObject.empty()
              .put("shapes", shapes.name().toLowerCase(Locale.ROOT))
              .put("runs", runs)
              .put("results", results));
    }
    return 0;
  }

  private void measure(int count, List<JsonObject> results, @Nullable PrintWriter out) {
    try (Kernels kernels = kernels(count)) {
      List<Measured> all = new ArrayList<>();
      for (Product product : products()) {
        Measured one = measure(kernels, product);
        all.add(one);
        results.add(object(kernels, one));
      }
      if (out != null) {
        print(kernels, all, out);
      }
    }
  }

  private List<Product> products() {
    List<Product> products = new ArrayList<>();
    for (Layout layout : Layout.values()) {
      for (int[] weight : shapes.weights) {
        products.add(
            layout == Layout.TN
                ? new Product(layout, weight[0], TOKENS, weight[1], false)
                : new Product(layout, TOKENS, weight[0], weight[1], false));
      }
      int d = shapes.width;
      int vocabulary = shapes.vocabulary;
      products.add(
          switch (layout) {
            case NT -> new Product(layout, HEAD_TOKENS, d, vocabulary, true);
            case NN -> new Product(layout, HEAD_TOKENS, vocabulary, d, true);
            case TN -> new Product(layout, vocabulary, HEAD_TOKENS, d, true);
          });
    }
    return products;
  }

  private Measured measure(Kernels kernels, Product p) {
    Tensor a = p.layout == Layout.TN ? random(p.k, p.m) : random(p.m, p.k);
    Tensor b = p.layout == Layout.NT ? random(p.n, p.k) : random(p.k, p.n);
    Tensor c = Tensor.zeros(p.m, p.n);
    long end = System.nanoTime() + (long) (WARMUP_SECONDS * 1e9);
    do {
      run(kernels, p, a, b, c);
    } while (System.nanoTime() < end);
    double[] gflops = new double[runs];
    double[] peaks = new double[runs + 1];
    double[] shares = new double[runs];
    peaks[0] = FmaPeak.gflops(kernels.threads());
    for (int i = 0; i < runs; i++) {
      gflops[i] = gflops(kernels, p, a, b, c);
      peaks[i + 1] = FmaPeak.gflops(kernels.threads());
      shares[i] = 2 * gflops[i] / (peaks[i] + peaks[i + 1]);
    }
    return new Measured(p, Medians.of(gflops), Medians.of(peaks), Medians.of(shares));
  }

  /** The speed of a product, measured as the peak is: the median of as many windows as long. */
  private static double gflops(Kernels kernels, Product p, Tensor a, Tensor b, Tensor c) {
    DoubleStream.Builder windows = DoubleStream.builder();
    long end = System.nanoTime() + FmaPeak.WINDOWS * FmaPeak.WINDOW_NANOS;
    do {
      windows.add(window(kernels, p, a, b, c));
    } while (System.nanoTime() < end);
    return Medians.of(windows.build().toArray());
  }

  private static double window(Kernels kernels, Product p, Tensor a, Tensor b, Tensor c) {
    long start = System.nanoTime();
    long nanos;
    int count = 0;
    do {
      run(kernels, p, a, b, c);
      count++;
      nanos = System.nanoTime() - start;
    } while (nanos < FmaPeak.WINDOW_NANOS);
    return count * p.flops() / nanos;
  }

  private static void run(Kernels kernels, Product p, Tensor a, Tensor b, Tensor c) {
    switch (p.layout) {
      case NT -> kernels.productNT(1, a, b, 0, c);
      case NN -> kernels.productNN(1, a, b, 0, c);
      case TN -> kernels.productTN(1, a, b, 0, c);
    }
  }

  private static Tensor random(int rows, int cols) {
    Tensor tensor = Tensor.zeros(rows, cols);
    Random random = new Random(1);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[i] = random.nextFloat() - 0.5f;
    }
    return tensor;
  }

  private static JsonObject object(Kernels kernels, Measured one) {
    Product p = one.product;
    return JsonObject.empty()
        .put("backend", kernels.name())
        .put("threads", kernels.threads())
        .put("layout", p.layout.name())
        .put("m", p.m)
        .put("k", p.k)
        .put("n", p.n)
        .put("gflops", one.gflops)
        .put("peak_gflops", one.peak)
        .put("share", one.share);
  }

  private static void print(Kernels kernels, List<Measured> all, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%s, %d thread%s; the peak: fused multiply-adds in registers, before and after each run%n",
        kernels.name(),
        kernels.threads(),
        kernels.threads() == 1 ? "" : "s");
    Table table = new Table("product", ">m", ">k", ">n", ">GFLOP/s", ">peak", ">of peak");
    for (Measured one : all) {
      Product p = one.product;
      table.row(
          p.layout.name(),
          Integer.toString(p.m),
          Integer.toString(p.k),
          Integer.toString(p.n),
          String.format(Locale.ROOT, "%.1f", one.gflops),
          String.format(Locale.ROOT, "%.0f", one.peak),
          percent(one.share));
    }
    table.print(out);
    out.printf("geometric mean, %d tokens:%s%n", TOKENS, means(all, false));
    out.printf("geometric mean, %d tokens and a vocabulary:%s%n%n", HEAD_TOKENS, means(all, true));
  }

  /** The mean share of each layout, of the blocks' products or the head's. */
  private static String means(List<Measured> all, boolean head) {
    StringBuilder means = new StringBuilder();
    for (Layout layout : Layout.values()) {
      double logs =
          all.stream()
              .filter(one -> one.product.layout == layout && one.product.head == head)
              .mapToDouble(one -> Math.log(one.share))
              .average()
              .orElse(Double.NaN);
      means.append(' ').append(layout).append(' ').append(percent(Math.exp(logs)));
    }
    return means.toString();
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private Kernels kernels(int count) {
    try {
      return backend == null ? Backends.best(count) : Backends.named(backend, count);
    } catch (IllegalArgumentException e) {
      throw usage("--backend: " + e.getMessage());
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
