package org.mobilefinetuner.android.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.github.unidbg.linux.android.dvm.array.FloatArray;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.tensor.Tensor;

/** The library for phones, as Android's linker loads it, computes what the specification says. */
final class EmulatedProductTest {
  private static final int M = 10; // not whole tiles, nor whole groups of rows
  private static final int K = 37;
  private static final int N = 29;

  private final Kernels scalar = new ScalarKernels();
  private final Random random = new Random(1);
  private EmulatedAndroid android;

  @BeforeEach
  void load() {
    android = new EmulatedAndroid(Built.library());
  }

  @AfterEach
  void close() throws Exception {
    android.close();
  }

  @Test
  void tileIsThatOfNeon() {
    assertThat(android.callInt("lanes")).isEqualTo(4);
    assertThat(android.function("mft_tile_rows")).isEqualTo(8);
    assertThat(android.function("mft_tile_columns")).isEqualTo(12);
  }

  @Test
  void productOfMatrices() {
    Tensor a = random(M, K);
    Tensor b = random(K, N);
    Tensor expected = random(M, N);
    FloatArray c = android.array(expected.data());
    scalar.productNN(0.5f, a, b, 1, expected);

    long strips = android.allocate((M + 3L) / 4 * 4 * K);
    android.call("packStrips", android.array(a.data()), 0, K, false, 0, M, 0, K, strips);
    long tile = android.function("mft_tile_columns");
    long panels = android.allocate((N + tile - 1) / tile * tile * K);
    long scratch = android.allocate(android.callLong("packPanelsFloats", N));
    android.call(
        "packPanels", android.array(b.data()), 0, N, 0, 0, 0L, false, 0, N, 0, K, panels, scratch);
    android.call("multiply", strips, M, panels, N, K, c, 0, N, false, 0.5f, true, 0, 0);
    assertThat(c.getValue()).containsExactly(expected.data(), within(1e-5f));
  }

  @Test
  void productWithARow() {
    Tensor x = random(1, K);
    Tensor b = random(N, K);
    Tensor expected = Tensor.zeros(1, N);
    scalar.productNT(1, x, b, 0, expected);

    FloatArray y = android.array(new float[N]);
    android.call(
        "rowNT",
        android.array(x.data()),
        0,
        android.array(b.data()),
        0,
        0,
        0L,
        K,
        0,
        N,
        y,
        0,
        android.allocate(K));
    assertThat(y.getValue()).containsExactly(expected.data(), within(1e-5f));
  }

  private Tensor random(int rows, int cols) {
    Tensor tensor = Tensor.zeros(rows, cols);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[i] = random.nextFloat() - 0.5f;
    }
    return tensor;
  }
}
