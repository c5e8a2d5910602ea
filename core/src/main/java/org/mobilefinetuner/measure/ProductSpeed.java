package org.mobilefinetuner.measure;

import java.util.Arrays;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Tensor;

/**
 * The speed of a matrix product with C: [m, n], summed over k.
 *
 * @param layout NT for A·Bᵀ, NN for A·B, TN for Aᵀ·B
 */
record ProductSpeed(Layout layout, int m, int k, int n) {
  enum Layout {
    NT,
    NN,
    TN
  }

  private static final double WARMUP_SECONDS = 0.5; // the runtime compiles meanwhile
  private static final int RUNS = 9;

  /** Measures it: the median of some runs. */
  JsonObject measure(Kernels kernels) {
    Tensor a = layout == Layout.TN ? random(k, m) : random(m, k);
    Tensor b = layout == Layout.NT ? random(n, k) : random(k, n);
    Tensor c = Tensor.zeros(m, n);
    long end = System.nanoTime() + (long) (WARMUP_SECONDS * 1e9);
    do {
      run(kernels, a, b, c);
    } while (System.nanoTime() < end);
    double[] seconds = new double[RUNS];
    for (int i = 0; i < RUNS; i++) {
      long start = System.nanoTime();
      run(kernels, a, b, c);
      seconds[i] = (System.nanoTime() - start) * 1e-9;
    }
    Arrays.sort(seconds);
    return JsonObject.empty()
        .put("layout", layout.name())
        .put("m", m)
        .put("k", k)
        .put("n", n)
        .put("gflops", 2e-9 * m * k * n / seconds[RUNS / 2]);
  }

  private void run(Kernels kernels, Tensor a, Tensor b, Tensor c) {
    switch (layout) {
      case NT -> kernels.productNT(1, a, b, 0, c);
      case NN -> kernels.productNN(1, a, b, 0, c);
      case TN -> kernels.productTN(1, a, b, 0, c);
    }
  }

  private static Tensor random(int rows, int cols) {
    Tensor tensor = Tensor.zeros(rows, cols);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[i] = Draws.uniform(Draws.key(1, i)) - 0.5f;
    }
    return tensor;
  }
}
