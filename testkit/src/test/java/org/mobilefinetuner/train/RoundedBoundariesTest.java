package org.mobilefinetuner.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilefinetuner.train.TinyRun.batch;
import static org.mobilefinetuner.train.TinyRun.run;
import static org.mobilefinetuner.train.TinyRun.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.memory.SpillFile;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Segment;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;
import org.mobilefinetuner.train.TinyRun.Method;
import org.mobilefinetuner.train.TinyRun.Run;

/** Inputs of segments that are kept as bfloat16. */
class RoundedBoundariesTest {
  private static final Keep ROUNDED = new Keep(0, null, Format.BF16);
  private static final float STEP = 0x1p-9f;
  private static final int DIRECTIONS = 12;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"FULL, 0.2", "LORA, 0.2", "LORA_ON_THE_LAST_BLOCK, 0"})
  void keptRecomputedAndSpilledGiveTheSameBits(Method method, float dropout) throws IOException {
    LoadedWeights weights = weights(method, dropout);
    List<Batch> batches = List.of(batch(0, 8, 0.1f), batch(1, 2, 0.1f));
    Run expected = run(weights, Arena.unbounded(), ROUNDED, batches);
    assertThat(expected.nll())
        .isNotEqualTo(run(weights, Arena.unbounded(), Keep.INPUT, batches).nll());
    try (SpillFile spill = new SpillFile(folder, 12 * 8 * 16)) {
      for (int tapes : new int[] {0, 1, 2, 9}) {
        for (@Nullable SpillFile file : new SpillFile[] {null, spill}) {
          Keep keep = new Keep(tapes, file, Format.BF16);
          Run found = run(weights, Arena.poisoned(), keep, batches);
          assertThat(found.nll()).isEqualTo(expected.nll());
          found
              .gradients()
              .forEach((name, g) -> assertThat(g).isEqualTo(expected.gradients().get(name)));
        }
      }
    }
  }

  @Test
  void theyTakeLessMemoryAndGiveItBack() throws IOException {
    LoadedWeights weights = weights(Method.LORA, 0);
    Arena exact = Arena.unbounded();
    Arena rounded = Arena.unbounded();
    run(weights, exact, Keep.INPUT, List.of(batch(0, 8, 1)));
    run(weights, rounded, ROUNDED, List.of(batch(0, 8, 1)));
    assertThat(rounded.highWaterBytes()).isLessThan(exact.highWaterBytes());
    int all = (int) (rounded.reservedBytes() / 4);
    assertThat(rounded.take(all).size()).isEqualTo(all);
    assertThat(rounded.reservedBytes()).as("free again, in one piece").isEqualTo(4L * all);
  }

  @Test
  void evaluationsRoundNothing() throws IOException {
    LoadedWeights weights = weights(Method.LORA, 0);
    Batch exact = batch(0, 8, 1);
    Batch rounded = batch(0, 8, 1);
    TinyRun.backprop(weights, Arena.unbounded(), Keep.INPUT).evaluate(exact);
    TinyRun.backprop(weights, Arena.unbounded(), ROUNDED).evaluate(rounded);
    assertThat(rounded.nll()).isEqualTo(exact.nll());
  }

  /**
   * Differences of the loss along random directions, where each rounding is the constant that it
   * adds. The gradients of the exact loss are not those of the rounded one.
   */
  @ParameterizedTest
  @CsvSource({"FULL", "LORA"})
  void gradientsAreThoseOfTheRoundedLoss(Method method) throws IOException {
    LoadedWeights weights = weights(method, 0);
    float scale = 1f / TinyRun.supervised();
    List<Batch> batches = List.of(batch(0, 8, scale));
    Loss loss = new Loss(weights, scale);
    Map<String, float[]> rounded = run(weights, Arena.poisoned(), ROUNDED, batches).gradients();
    Map<String, float[]> exact = run(weights, Arena.poisoned(), Keep.INPUT, batches).gradients();
    double norm = 0;
    double error = 0;
    double exactError = 0;
    for (int seed = 0; seed < DIRECTIONS; seed++) {
      double difference = loss.difference(seed);
      norm += difference * difference;
      error += Math.pow(difference - loss.along(rounded, seed), 2);
      exactError += Math.pow(difference - loss.along(exact, seed), 2);
    }
    assertThat(Math.sqrt(error / norm)).isLessThan(3e-4);
    assertThat(Math.sqrt(exactError / norm)).isGreaterThan(6e-4);
  }

  /** The loss of a batch with constants added to the inputs of segments. */
  private static final class Loss {
    private final LoadedWeights weights;
    private final List<Segment> segments;
    private final double scale;
    private final @Nullable Tensor[] added;

    Loss(LoadedWeights weights, double scale) {
      this.weights = weights;
      this.segments = weights.model().segments();
      this.scale = scale;
      this.added = new Tensor[segments.size()];
      of(true);
    }

    /** Its derivative along a direction, by differences of four points. */
    double difference(int seed) {
      double near = at(seed, STEP) - at(seed, -STEP);
      double far = at(seed, 2 * STEP) - at(seed, -2 * STEP);
      return (8 * near - far) / (12 * STEP);
    }

    /** The product of a gradient and a direction. */
    double along(Map<String, float[]> gradients, int seed) {
      double sum = 0;
      Random random = new Random(seed);
      for (Parameter p : weights.parameters()) {
        for (float g : requireNonNull(gradients.get(p.name()))) {
          sum += g * random.nextGaussian();
        }
      }
      return sum;
    }

    private double at(int seed, float step) {
      Random random = new Random(seed);
      List<float[]> before =
          weights.parameters().stream().map(p -> p.value().data().clone()).toList();
      for (Parameter p : weights.parameters()) {
        for (int i = 0; i < p.value().size(); i++) {
          p.value().data()[p.value().offset() + i] += step * (float) random.nextGaussian();
        }
      }
      double loss = of(false);
      for (int i = 0; i < before.size(); i++) {
        float[] data = weights.parameters().get(i).value().data();
        System.arraycopy(before.get(i), 0, data, 0, data.length);
      }
      return loss;
    }

    private double of(boolean rounds) {
      Batch batch = batch(0, 8, 1);
      Arena arena = Arena.unbounded();
      Tensor x = Segment.NOTHING;
      for (int i = 0; i < segments.size(); i++) {
        try (var leased = weights.lease(segments.get(i));
            Tape tape = Tape.off(arena, new ScalarKernels())) {
          Tensor y = segments.get(i).forward(tape, leased, batch, x);
          if (i + 1 < segments.size()) {
            x = tape.handOver(y);
          }
        }
        if (i + 2 < segments.size() && i + 1 >= weights.lowestTrainable()) {
          add(x, i + 1, rounds);
        }
      }
      return scale * batch.totalNll();
    }

    private void add(Tensor x, int segment, boolean rounds) {
      if (rounds) {
        Tensor constant = Tensor.zeros(x.shape());
        for (int i = 0; i < x.size(); i++) {
          float value = x.data()[x.offset() + i];
          constant.data()[i] = Format.BF16.round(value) - value;
        }
        added[segment] = constant;
      }
      new ScalarKernels().axpy(1, requireNonNull(added[segment]), 1, x);
    }
  }
}
