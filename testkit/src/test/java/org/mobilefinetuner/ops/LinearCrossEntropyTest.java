package org.mobilefinetuner.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.autograd.Frozen;
import org.mobilefinetuner.autograd.Gradients;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Pieces;
import org.mobilefinetuner.tensor.Tensor;

class LinearCrossEntropyTest {
  private static final int IGNORE = LinearCrossEntropy.IGNORE;
  private static final Kernels KERNELS = new ScalarKernels();

  private record Result(float loss, float[] nll, float[] gradient) {}

  private static Result run(Arena arena, Tensor x, Tensor table, int[] targets, float scale) {
    return run(KERNELS, arena, x, table, targets, scale);
  }

  private static Result run(
      Kernels kernels, Arena arena, Tensor x, Matrix table, int[] targets, float scale) {
    float[] nll = new float[targets.length];
    try (Tape tape = Tape.recording(arena, kernels, new Gradients(List.of()), null)) {
      tape.wantGradient(x);
      Tensor loss = LinearCrossEntropy.apply(tape, x, new Frozen("w", table), targets, scale, nll);
      float value = loss.data()[loss.offset()];
      tape.rest();
      tape.backward(loss, tape.like(loss).fill(1));
      Tensor gradient = Tensor.zeros(x.shape()).copyFrom(tape.gradientOf(x));
      return new Result(value, nll, gradient.data());
    }
  }

  @Test
  void isTheNegativeLogLikelihood() {
    Tensor x = random(1, 5, 4);
    Tensor table = random(2, 7, 4);
    int[] targets = {3, IGNORE, 0, 6, IGNORE};
    Result result = run(Arena.poisoned(), x, table, targets, 0.5f);
    double sum = 0;
    for (int t = 0; t < 5; t++) {
      double expected = targets[t] == IGNORE ? 0 : nll(x, t, table, targets[t]);
      assertThat((double) result.nll[t]).isCloseTo(expected, within(1e-6));
      sum += expected;
    }
    assertThat((double) result.loss).isCloseTo(sum / 2, within(1e-6));
    assertThat(Arrays.copyOfRange(result.gradient, 4, 8)).containsOnly(0);
    assertThat(Arrays.copyOfRange(result.gradient, 16, 20)).containsOnly(0);
  }

  private static double nll(Tensor x, int row, Tensor table, int target) {
    double[] logits = new double[table.rows()];
    double sum = 0;
    for (int v = 0; v < logits.length; v++) {
      for (int i = 0; i < x.cols(); i++) {
        logits[v] += (double) x.data()[row * x.cols() + i] * table.data()[v * x.cols() + i];
      }
      sum += Math.exp(logits[v]);
    }
    return Math.log(sum) - logits[target];
  }

  /** With a frozen table the plan may choose how many rows there are at a time. */
  @Test
  void aRowHasTheSameBitsAmongAnyOthers() {
    Tensor x = random(1, 300, 6);
    Tensor table = random(2, 9, 6);
    int[] targets = new int[300];
    Arrays.setAll(targets, t -> t % 7 == 3 ? IGNORE : t % 9);
    Result all = run(Arena.poisoned(), x, table, targets, 0.125f);
    for (int t : new int[] {0, 3, 255, 256, 298, 299}) {
      Result one = run(Arena.poisoned(), x.rows(t, 1), table, new int[] {targets[t]}, 0.125f);
      assertThat(one.nll[0]).isEqualTo(all.nll[t]);
      assertThat(one.gradient).isEqualTo(Arrays.copyOfRange(all.gradient, 6 * t, 6 * t + 6));
    }
  }

  /** With a frozen table a plan may choose: it is read twice rather than twice for some rows. */
  @ParameterizedTest
  @CsvSource({"4, 9", "6, 769", "40, 1000", "72, 5000"})
  void columnsHaveTheBitsOfRows(int width, int vocabulary) {
    Tensor x = random(1, 150, width);
    Tensor table = random(2, vocabulary, width);
    int[] targets = new int[150];
    Arrays.setAll(targets, t -> t % 7 == 3 ? IGNORE : t * 31 % vocabulary);
    for (Kernels kernels : List.of(KERNELS, Backends.best(3))) {
      Result rows = run(kernels, Arena.poisoned(), x, table, targets, 0.125f);
      for (long bytes : new long[] {0, 4 * 150 * 1600, Long.MAX_VALUE}) {
        Arena arena = Arena.poisoned(new Pieces(bytes, true));
        Result columns = run(kernels, arena, x, table, targets, 0.125f);
        assertThat(columns.nll).isEqualTo(rows.nll);
        assertThat(columns.gradient).isEqualTo(rows.gradient);
        assertThat(columns.loss).isEqualTo(rows.loss);
      }
      kernels.close();
    }
  }

  /** T × V floats never exist: here they would be 8 MB. */
  @Test
  void holdsTheLogitsOfAFewRowsOnly() {
    Arena arena = Arena.unbounded();
    int[] targets = new int[1000];
    run(arena, random(1, 1000, 4), random(2, 2000, 4), targets, 1);
    assertThat(arena.highWaterBytes())
        .isLessThan(4L * (LinearCrossEntropy.ROWS * 2000 + 4 * 1000 * 4));
  }

  @Test
  void hugeLogitsDoNotOverflow() {
    Tensor x = Tensor.of(new float[] {1000, -1000}, 1, 2);
    Tensor table = Tensor.of(new float[] {1, 0, 0, 1, -1, 0}, 3, 2);
    Result likely = run(Arena.poisoned(), x, table, new int[] {0}, 1);
    assertThat(likely.loss).isEqualTo(0);
    Result unlikely = run(Arena.poisoned(), x, table, new int[] {1}, 1);
    assertThat(unlikely.loss).isEqualTo(2000);
    assertThat(unlikely.gradient).containsExactly(1, -1);
  }

  @Test
  void aBatchMayHaveNoTargets() {
    Tensor x = random(1, 3, 4);
    Result result =
        run(Arena.poisoned(), x, random(2, 5, 4), new int[] {IGNORE, IGNORE, IGNORE}, 1);
    assertThat(result.loss).isZero();
    assertThat(result.nll).containsOnly(0);
    assertThat(result.gradient).containsOnly(0);
  }

  @Test
  void isTheEndOfATape() {
    Tensor x = random(1, 3, 4);
    try (Tape tape = Tape.recording(Arena.unbounded(), KERNELS, new Gradients(List.of()), null)) {
      tape.wantGradient(x);
      Tensor loss =
          LinearCrossEntropy.apply(
              tape, x, new Frozen("w", random(2, 5, 4)), new int[3], 1, new float[3]);
      assertThatThrownBy(() -> tape.backward(loss, Tensor.zeros(1).fill(2)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("its gradient is 1");
    }
  }

  private static Tensor random(int seed, int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    Random random = new Random(seed);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[i] = (float) random.nextGaussian();
    }
    return tensor;
  }
}
