package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mobilefinetuner.train.TinyRun.SEED;
import static org.mobilefinetuner.train.TinyRun.backprop;
import static org.mobilefinetuner.train.TinyRun.batch;
import static org.mobilefinetuner.train.TinyRun.distance;
import static org.mobilefinetuner.train.TinyRun.largestDifference;
import static org.mobilefinetuner.train.TinyRun.run;
import static org.mobilefinetuner.train.TinyRun.supervised;
import static org.mobilefinetuner.train.TinyRun.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.autograd.Gradients;
import org.mobilefinetuner.memory.Spill;
import org.mobilefinetuner.memory.SpillFile;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;
import org.mobilefinetuner.train.TinyRun.Method;
import org.mobilefinetuner.train.TinyRun.Run;

/** The whole path of gradients, on a GPT-2 of three blocks. */
class SegmentedBackpropTest {
  @TempDir private static Path folder;

  private static List<Keep> kept() throws IOException {
    Spill spill = new SpillFile(folder, 24 * 8 * 16);
    return List.of(
        Keep.TAPE, Keep.INPUT, new Keep(1, null), new Keep(0, spill), new Keep(2, spill));
  }

  @ParameterizedTest
  @CsvSource({
    "FULL, 0",
    "FULL, 0.2",
    "LORA, 0",
    "LORA, 0.2",
    "LORA_ON_THE_LAST_BLOCK, 0",
    "LORA_ON_THE_LAST_BLOCK, 0.2"
  })
  void keptRecomputedAndSpilledGiveTheSameBits(Method method, float dropout) throws IOException {
    LoadedWeights weights = weights(method, dropout);
    Run expected = run(weights, Arena.unbounded(), Keep.TAPE, List.of(batch(0, 8, 0.1f)));
    for (Keep keep : kept()) {
      assertSameBits(run(weights, Arena.unbounded(), keep, List.of(batch(0, 8, 0.1f))), expected);
    }
  }

  /** A poisoned arena turns every use of a value after its end into NaN. */
  @ParameterizedTest
  @MethodSource("kept")
  void nothingIsReadAfterItWasGivenBack(Keep keep) throws IOException {
    for (Method method : Method.values()) {
      LoadedWeights weights = weights(method, 0.2f);
      assertSameBits(
          run(weights, Arena.poisoned(), keep, List.of(batch(0, 8, 0.1f))),
          run(weights, Arena.unbounded(), keep, List.of(batch(0, 8, 0.1f))));
    }
  }

  @ParameterizedTest
  @CsvSource({"FULL, 0", "FULL, 0.3", "LORA, 0", "LORA, 0.3"})
  void splittingABatchGivesTheSameGradients(Method method, float dropout) throws IOException {
    LoadedWeights weights = weights(method, dropout);
    float scale = 1f / supervised();
    Run whole = run(weights, Arena.unbounded(), Keep.INPUT, List.of(batch(0, 8, scale)));
    Run halves =
        run(
            weights,
            Arena.unbounded(),
            Keep.INPUT,
            List.of(batch(0, 3, scale), batch(3, 8, scale)));
    List<Batch> singles = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      singles.add(batch(i, i + 1, scale));
    }
    Run split = run(weights, Arena.unbounded(), Keep.INPUT, singles);
    assertThat(distance(whole.gradients(), halves.gradients())).isLessThanOrEqualTo(1e-6);
    assertThat(distance(whole.gradients(), split.gradients())).isLessThanOrEqualTo(1e-6);
    assertThat(largestDifference(whole.gradients(), halves.gradients())).isLessThan(1e-5);
    assertThat(largestDifference(whole.gradients(), split.gradients())).isLessThan(1e-5);
    // A token's loss depends on its own sequence alone, and on the same dropout masks.
    assertThat(split.nll()).isEqualTo(whole.nll());
    assertThat(halves.nll()).isEqualTo(whole.nll());
  }

  /** Otherwise the test above would hold without any dropout. */
  @Test
  void masksDependOnSeedExampleAndPlaceOfTheToken() throws IOException {
    LoadedWeights weights = weights(Method.FULL, 0.3f);
    Run run = run(weights, Arena.unbounded(), Keep.INPUT, List.of(batch(0, 8, 1)), SEED);
    Run again = run(weights, Arena.unbounded(), Keep.INPUT, List.of(batch(0, 8, 1)), SEED);
    Run other = run(weights, Arena.unbounded(), Keep.INPUT, List.of(batch(0, 8, 1)), SEED + 1);
    assertSameBits(run, again);
    assertThat(other.nll()).isNotEqualTo(run.nll());

    int[] ids = {3, 1, 4, 1, 5};
    Batch.Sequence one = new Batch.Sequence(1, ids, ids);
    Batch.Sequence two = new Batch.Sequence(2, ids, ids);
    Run twins =
        run(weights, Arena.unbounded(), Keep.INPUT, List.of(Batch.of(List.of(one, two), 1)));
    Run same = run(weights, Arena.unbounded(), Keep.INPUT, List.of(Batch.of(List.of(one, one), 1)));
    assertThat(firstHalf(twins.nll())).isNotEqualTo(secondHalf(twins.nll()));
    assertThat(firstHalf(same.nll())).isEqualTo(secondHalf(same.nll()));
  }

  @Test
  void withoutRandomnessNothingIsDropped() throws IOException {
    LoadedWeights dropping = weights(Method.LORA, 0.3f);
    LoadedWeights plain = weights(Method.LORA, 0);
    Batch batch = batch(0, 8, 1);
    Gradients gradients = new Gradients(dropping.parameters());
    backprop(dropping, Arena.unbounded(), Keep.INPUT).step(batch, gradients);
    assertSameBits(
        new Run(TinyRun.values(dropping, gradients), batch.nll()),
        run(plain, Arena.unbounded(), Keep.INPUT, List.of(batch(0, 8, 1))));
  }

  @Test
  void evaluationIsTheForwardPassWithoutDropout() throws IOException {
    Batch batch = batch(0, 8, 1);
    backprop(weights(Method.LORA, 0.3f), Arena.poisoned(), Keep.INPUT).evaluate(batch);
    Run trained =
        run(weights(Method.LORA, 0), Arena.unbounded(), Keep.TAPE, List.of(batch(0, 8, 1)));
    assertThat(batch.nll()).isEqualTo(trained.nll());
    assertThat(batch.totalNll()).isGreaterThan(1);
  }

  /** A power of two scales without rounding. */
  @ParameterizedTest
  @EnumSource(Method.class)
  void gradientsScaleWithTheLoss(Method method) throws IOException {
    LoadedWeights weights = weights(method, 0.1f);
    Run one = run(weights, Arena.unbounded(), Keep.INPUT, List.of(batch(0, 8, 1)));
    Run quarter = run(weights, Arena.unbounded(), Keep.INPUT, List.of(batch(0, 8, 0.25f)));
    one.gradients().values().forEach(g -> scale(g, 0.25f));
    assertSameBits(quarter, one);
  }

  @Test
  void gradientsOfBatchesAreAdded() throws IOException {
    LoadedWeights weights = weights(Method.FULL, 0);
    Run one = run(weights, Arena.unbounded(), Keep.INPUT, List.of(batch(0, 8, 1)));
    Run two = run(weights, Arena.unbounded(), Keep.INPUT, List.of(batch(0, 8, 1), batch(0, 8, 1)));
    one.gradients().values().forEach(g -> scale(g, 2));
    assertThat(distance(one.gradients(), two.gradients())).isLessThanOrEqualTo(1e-6);
  }

  /** What lies below the lowest trainable segment changes no gradient above it. */
  @Test
  void noGradientFlowsBelowTheLowestTrainableSegment() throws IOException {
    LoadedWeights last = weights(Method.LORA_ON_THE_LAST_BLOCK, 0);
    assertThat(last.lowestTrainable()).isEqualTo(TinyRun.LAYERS);
    assertThat(weights(Method.LORA, 0).lowestTrainable()).isEqualTo(1);
    assertThat(weights(Method.FULL, 0).lowestTrainable()).isZero();
    Run run = run(last, Arena.poisoned(), Keep.INPUT, List.of(batch(0, 8, 1)));
    Run everywhere =
        run(weights(Method.LORA, 0), Arena.poisoned(), Keep.INPUT, List.of(batch(0, 8, 1)));
    assertThat(run.gradients()).hasSize(2 * 4);
    run.gradients()
        .forEach(
            (name, gradient) ->
                assertThat(gradient).as(name).isEqualTo(everywhere.gradients().get(name)));
  }

  @ParameterizedTest
  @MethodSource("kept")
  void aStepGivesAllItsMemoryBack(Keep keep) throws IOException {
    LoadedWeights weights = weights(Method.FULL, 0.1f);
    Arena arena = Arena.unbounded();
    run(weights, arena, keep, List.of(batch(0, 8, 1)));
    long peak = arena.highWaterBytes();
    long reserved = arena.reservedBytes();
    run(weights, arena, keep, List.of(batch(3, 5, 1), batch(0, 8, 1), batch(1, 2, 1)));
    assertThat(arena.highWaterBytes()).isEqualTo(peak);
    assertThat(arena.reservedBytes()).isEqualTo(reserved);
  }

  @Test
  void recomputingNeedsLessMemoryThanKeeping() throws IOException {
    LoadedWeights weights = weights(Method.LORA, 0);
    Arena kept = Arena.unbounded();
    Arena recomputed = Arena.unbounded();
    run(weights, kept, Keep.TAPE, List.of(batch(0, 8, 1)));
    run(weights, recomputed, Keep.INPUT, List.of(batch(0, 8, 1)));
    assertThat(recomputed.highWaterBytes()).isLessThan(kept.highWaterBytes() * 2 / 3);
  }

  /** A batch that does not fit says so, and the next one starts with a clean arena. */
  @ParameterizedTest
  @ValueSource(longs = {5_000, 20_000, 50_000, 100_000, 200_000})
  void aBatchThatDoesNotFitLeavesNothingBehind(long budget) throws IOException {
    LoadedWeights weights = weights(Method.FULL, 0);
    Arena arena = Arena.ofBytes(budget);
    assertThatThrownBy(() -> run(weights, arena, Keep.TAPE, List.of(batch(0, 8, 1))))
        .isInstanceOf(Arena.BudgetExceededException.class)
        .hasMessageContaining("shorter sequences, a smaller batch, or a larger budget");
    assertThat(arena.reservedBytes()).isLessThanOrEqualTo(budget);
    assertSameBits(
        run(weights, arena, Keep.INPUT, List.of(batch(2, 3, 1))),
        run(weights, Arena.unbounded(), Keep.INPUT, List.of(batch(2, 3, 1))));
    int all = (int) (budget / 4 / 16 * 16);
    assertThat(arena.take(all).size()).as("free again, in one piece").isEqualTo(all);
  }

  @Test
  void allSupervisedTokensCountAndNoOthers() throws IOException {
    Run run = run(weights(Method.FULL, 0), Arena.unbounded(), Keep.INPUT, List.of(batch(0, 8, 1)));
    int positive = 0;
    for (float loss : run.nll()) {
      positive += loss > 0 ? 1 : 0;
    }
    assertThat(positive).isEqualTo(supervised());
  }

  private static void assertSameBits(Run one, Run other) {
    assertThat(one.nll()).isEqualTo(other.nll());
    assertThat(one.gradients().keySet()).isEqualTo(other.gradients().keySet());
    one.gradients()
        .forEach(
            (name, gradient) -> {
              for (float value : gradient) {
                assertThat(value).as(name).isFinite();
              }
              assertThat(gradient).as(name).isEqualTo(other.gradients().get(name));
            });
  }

  private static void scale(float[] values, float factor) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
  }

  private static float[] firstHalf(float[] values) {
    return java.util.Arrays.copyOf(values, values.length / 2);
  }

  private static float[] secondHalf(float[] values) {
    return java.util.Arrays.copyOfRange(values, values.length / 2, values.length);
  }
}
