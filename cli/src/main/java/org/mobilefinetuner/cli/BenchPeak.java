package org.mobilefinetuner.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
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
  private record Product(Layout layout, int m, int k, int n) {
    double flops() {
      return 2.0 * m * k * n;
    }
  }

  private record Measured(Product product, int threads, double gflops, double best) {}

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
      double peak = FmaPeak.gflops(count);
      List<Measured> all = new ArrayList<>();
      for (Product product : products()) {
        all.add(measure(kernels, product));
        peak = Math.max(peak, FmaPeak.gflops(count));
      }
      for (Measured one : all) {
        results.add(object(kernels, one, peak));
      }
      if (out != null) {
        print(kernels, all, peak, out);
      }
    }
  }

  private List<Product> products() {
    List<Product> products = new ArrayList<>();
    for (Layout layout : Layout.values()) {
      for (int[] weight : shapes.weights) {
        products.add(
            layout == Layout.TN
                ? new Product(layout, weight[0], TOKENS, weight[1])
                : new Product(layout, TOKENS, weight[0], weight[1]));
      }
      int d = shapes.width;
      int vocabulary = shapes.vocabulary;
      products.add(
          switch (layout) {
            case NT -> new Product(layout, HEAD_TOKENS, d, vocabulary);
            case NN -> new Product(layout, HEAD_TOKENS, vocabulary, d);
            case TN -> new Product(layout, vocabulary, HEAD_TOKENS, d);
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
    double[] seconds = new double[runs];
    for (int i = 0; i < runs; i++) {
      long start = System.nanoTime();
      run(kernels, p, a, b, c);
      seconds[i] = (System.nanoTime() - start) * 1e-9;
    }
    Arrays.sort(seconds);
    double gflop = p.flops() * 1e-9;
    return new Measured(p, kernels.threads(), gflop / seconds[runs / 2], gflop / seconds[0]);
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

  private static JsonObject object(Kernels kernels, Measured one, double peak) {
    Product p = one.product;
    return JsonObject.empty()
        .put("backend", kernels.name())
        .put("threads", one.threads)
        .put("layout", p.layout.name())
        .put("m", p.m)
        .put("k", p.k)
        .put("n", p.n)
        .put("gflops", one.gflops)
        .put("gflops_best", one.best)
        .put("peak_gflops", peak)
        .put("share", one.gflops / peak);
  }

  private static void print(Kernels kernels, List<Measured> all, double peak, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%s, %d thread%s: peak %.0f GFLOP/s (fused multiply-adds in registers)%n",
        kernels.name(),
        kernels.threads(),
        kernels.threads() == 1 ? "" : "s",
        peak);
    Table table = new Table("product", ">m", ">k", ">n", ">GFLOP/s", ">of peak", ">best");
    for (Measured one : all) {
      Product p = one.product;
      table.row(
          p.layout.name(),
          Integer.toString(p.m),
          Integer.toString(p.k),
          Integer.toString(p.n),
          String.format(Locale.ROOT, "%.1f", one.gflops),
          percent(one.gflops / peak),
          percent(one.best / peak));
    }
    table.print(out);
    StringBuilder means = new StringBuilder("geometric mean of peak:");
    for (Layout layout : Layout.values()) {
      double logs = 0;
      int count = 0;
      for (Measured one : all) {
        if (one.product.layout == layout) {
          logs += Math.log(one.gflops / peak);
          count++;
        }
      }
      means.append(' ').append(layout).append(' ').append(percent(Math.exp(logs / count)));
    }
    out.println(means);
    out.println();
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
