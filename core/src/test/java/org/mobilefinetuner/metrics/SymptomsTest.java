package org.mobilefinetuner.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.metrics.Symptom.Finding;
import org.mobilefinetuner.metrics.Symptom.Sample;

/** Each sign of trouble is seen where there is trouble, and nowhere else. */
final class SymptomsTest {
  private static final int STEPS = 1000;

  /** The steps at which a symptom is seen in a run with such losses. */
  private static List<Integer> seen(Symptom symptom, IntToDoubleFunction loss, long loadNanos) {
    List<Integer> seen = new ArrayList<>();
    for (int step = 1; step <= STEPS; step++) {
      int at = step;
      symptom
          .step(new Sample(step, STEPS, loss.applyAsDouble(step), 1000, loadNanos))
          .ifPresent(finding -> seen.add(at));
    }
    return seen;
  }

  /** Falls to 1, with the noise of small batches. */
  private static IntToDoubleFunction healthy() {
    Random random = new Random(7);
    return step -> 1 + 2 * Math.exp(-step / 400.0) + 0.15 * random.nextGaussian();
  }

  private static List<Symptom> all() {
    return List.of(
        new LossSpike(),
        new Divergence(),
        new Plateau(STEPS),
        new LoadingStall(),
        new MemoryNearLimit(1000, "the limit", () -> OptionalLong.of(900), () -> 0));
  }

  @Test
  void aHealthyRunHasNone() {
    for (Symptom symptom : all()) {
      assertThat(seen(symptom, healthy(), 100)).as(symptom.getClass().getSimpleName()).isEmpty();
      assertThat(symptom.evaluation(1.5)).isEmpty();
    }
  }

  @Test
  void jumpsOfLossesNearZeroAreNone() {
    assertThat(seen(new LossSpike(), step -> step == 500 ? 0.1 : 0.001, 0)).isEmpty();
  }

  @Test
  void aSpikeIsSeenAtItsStep() {
    IntToDoubleFunction healthy = healthy();
    LossSpike symptom = new LossSpike();
    assertThat(seen(symptom, s -> healthy.applyAsDouble(s) + (s == 600 ? 4 : 0), 0))
        .containsExactly(600);
  }

  @Test
  void growthIsDivergence() {
    IntToDoubleFunction healthy = healthy();
    List<Integer> seen =
        seen(new Divergence(), s -> healthy.applyAsDouble(s) + Math.max(0, s - 500) * 0.02, 0);
    assertThat(seen).isNotEmpty().allMatch(step -> step > 500);
    assertThat(seen.get(0)).isLessThan(640);
    assertThat(new Divergence().evaluation(Double.NaN))
        .map(Finding::message)
        .hasValue("the validation loss is NaN");
  }

  @Test
  void aLossThatStaysIsAPlateau() {
    Random random = new Random(3);
    List<Integer> seen = seen(new Plateau(STEPS), s -> 2 + 0.05 * random.nextGaussian(), 0);
    assertThat(seen).isNotEmpty();
    assertThat(seen.get(0)).isLessThan(400);
    assertThat(seen).as("at the end nothing is to be done").allMatch(step -> step < 750);
  }

  @Test
  void waitingIsAStall() {
    assertThat(seen(new LoadingStall(), step -> 1, 499)).isEmpty();
    assertThat(seen(new LoadingStall(), step -> 1, 600)).startsWith(20);
  }

  @Test
  void memoryIsSeenBeforeItIsTooLate() {
    long[] resident = {900};
    long[] now = {0};
    MemoryNearLimit symptom =
        new MemoryNearLimit(1000, "the limit", () -> OptionalLong.of(resident[0]), () -> now[0]);
    Sample any = new Sample(1, 9, 1, 1, 0);
    assertThat(symptom.step(any)).isEmpty();
    resident[0] = 980;
    assertThat(symptom.step(any)).as("not looked at again").isEmpty();
    now[0] = 1_000_000_000;
    assertThat(symptom.step(any)).map(Finding::message).get().asString().contains("the limit");
  }
}
