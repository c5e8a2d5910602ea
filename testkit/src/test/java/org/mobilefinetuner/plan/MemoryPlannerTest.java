package org.mobilefinetuner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.testkit.TinyModels;

class MemoryPlannerTest {
  private static final Set<Format> BOTH = EnumSet.of(Format.F32, Format.BF16);
  private static final RuntimeCost RUNTIME = new RuntimeCost(1 << 20, 1 << 19);

  private static Workload workload(Random random) throws IOException {
    int layers = 1 + random.nextInt(6);
    Model model = Models.of(TinyModels.gpt2(50 + random.nextInt(3000), 64, 32, layers, 2));
    return new Workload(
        model,
        4 * model.parameters(),
        new Adaptation(
            random.nextBoolean() ? List.of() : ModelFolder.sites(model),
            1 + random.nextInt(8),
            random.nextBoolean(),
            random.nextBoolean() ? 0.1f : 0),
        1 + random.nextInt(6),
        1 + random.nextInt(3),
        2 + random.nextInt(62));
  }

  private static MemoryPlanner planner(Random random, Allowances allowed) throws IOException {
    return new MemoryPlanner(workload(random), RUNTIME, allowed);
  }

  private static Allowances allowances(Random random) {
    List<FrozenFormat> bases = new ArrayList<>(List.of(FrozenFormat.AS_IS));
    for (FrozenFormat base : List.of(FrozenFormat.INT8, FrozenFormat.INT4)) {
      if (random.nextBoolean()) {
        bases.add(base);
      }
    }
    Set<Format> boundaries =
        List.of(EnumSet.of(Format.F32), EnumSet.of(Format.BF16), BOTH).get(random.nextInt(3));
    return new Allowances(random.nextBoolean(), boundaries, bases);
  }

  /** A plan is refused only where none fits, and what is named as the smallest does fit. */
  @Test
  void refusesOnlyWhatDoesNotFit() throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < 100; i++) {
      MemoryPlanner planner = planner(random, allowances(random));
      long smallest = planner.smallest().totalBytes();
      long fastest = planner.fastest().totalBytes();
      assertThat(planner.within(smallest)).isPresent();
      assertThat(planner.within(smallest - 1)).isEmpty();
      for (MemoryPlan plan : planner.staircase()) {
        assertThat(plan.totalBytes()).isGreaterThanOrEqualTo(smallest);
      }
      Map<FrozenFormat, Double> times = new EnumMap<>(FrozenFormat.class);
      for (int share = 0; share <= 4; share++) {
        long budget = smallest + (fastest - smallest) * share / 4;
        MemoryPlan plan = planner.within(budget).orElseThrow();
        assertThat(plan.totalBytes()).isLessThanOrEqualTo(budget);
        double slower = times.getOrDefault(plan.base(), Double.MAX_VALUE);
        assertThat(plan.relativeTime()).isLessThanOrEqualTo(slower);
        times.put(plan.base(), plan.relativeTime());
      }
    }
  }

  /**
   * The base is another only where no plan fits with the one before, and never if it is trained.
   */
  @Test
  void anotherBaseIsTheLastResort() throws IOException {
    Random random = new Random(6);
    List<FrozenFormat> bases = List.of(FrozenFormat.AS_IS, FrozenFormat.INT8, FrozenFormat.INT4);
    Set<FrozenFormat> seen = EnumSet.noneOf(FrozenFormat.class);
    for (int i = 0; i < 60; i++) {
      Workload workload = workload(random);
      boolean splits = random.nextBoolean();
      List<MemoryPlanner> planners = new ArrayList<>();
      for (int most = 1; most <= bases.size(); most++) {
        Allowances allowed = new Allowances(splits, BOTH, bases.subList(0, most));
        planners.add(new MemoryPlanner(workload, RUNTIME, allowed));
      }
      long least = planners.get(2).smallest().totalBytes();
      long budget = (long) (least * (1 + random.nextDouble() / 8));
      MemoryPlan plan = planners.get(2).within(budget).orElseThrow();
      seen.add(plan.base());
      int needed = bases.indexOf(plan.base());
      assertThat(plan.base() == FrozenFormat.AS_IS || !workload.full()).isTrue();
      for (int most = 0; most < planners.size(); most++) {
        Optional<MemoryPlan> found = planners.get(most).within(budget);
        assertThat(found).isEqualTo(most < needed ? Optional.empty() : Optional.of(plan));
      }
    }
    assertThat(seen).containsExactlyInAnyOrderElementsOf(bases);
  }

  /** Inputs are rounded only if that is allowed, and only if it makes the run faster. */
  @Test
  void inputsAreRoundedWhereThatIsFaster() throws IOException {
    Random random = new Random(7);
    List<FrozenFormat> asIs = List.of(FrozenFormat.AS_IS);
    int rounded = 0;
    for (int i = 0; i < 60; i++) {
      Workload workload = workload(random);
      boolean splits = random.nextBoolean();
      MemoryPlanner exact =
          new MemoryPlanner(
              workload, RUNTIME, new Allowances(splits, EnumSet.of(Format.F32), asIs));
      MemoryPlanner either =
          new MemoryPlanner(workload, RUNTIME, new Allowances(splits, BOTH, asIs));
      long least = exact.smallest().totalBytes();
      long budget = least + (long) (random.nextDouble() * (exact.fastest().totalBytes() - least));
      MemoryPlan with = either.within(budget).orElseThrow();
      MemoryPlan without = exact.within(budget).orElseThrow();
      assertThat(without.boundaries()).isEqualTo(Format.F32);
      if (with.boundaries() == Format.BF16) {
        rounded++;
        assertThat(with.relativeTime()).isLessThan(without.relativeTime());
      } else {
        assertThat(with).isEqualTo(without);
      }
    }
    assertThat(rounded).isBetween(5, 55);
  }

  /** What a budget leaves keeps pages of the model's files, but for what data may need. */
  @Test
  void moreMemoryKeepsMoreOfTheModel() throws IOException {
    Model model = Models.of(TinyModels.gpt2(1000, 64, 32, 3, 2));
    long stored = 1L << 30;
    Adaptation adaptation = new Adaptation(ModelFolder.sites(model), 4, false, 0);
    MemoryPlanner planner =
        new MemoryPlanner(
            new Workload(model, stored, adaptation, 4, 1, 32), RUNTIME, Allowances.NOTHING);
    long all = planner.fastest().totalBytes();
    assertThat(planner.fastest().residentBytes()).isEqualTo(stored);
    assertThat(planner.within(all).orElseThrow().streams()).isFalse();
    double slower = Double.MAX_VALUE;
    for (int megabytes = 900; megabytes >= 100; megabytes -= 100) {
      long budget = all - ((long) megabytes << 20);
      MemoryPlan plan = planner.within(budget).orElseThrow();
      assertThat(plan.streams()).isTrue();
      assertThat(plan.mappedBytes()).isEqualTo(plan.residentBytes() + (24 << 20));
      assertThat(budget - plan.totalBytes()).isBetween(32L << 20, 33L << 20);
      assertThat(plan.relativeTime()).isLessThan(slower).isGreaterThan(1);
      slower = plan.relativeTime();
    }
  }

  @Test
  void keepsTheEffectiveBatch() throws IOException {
    Random random = new Random(4);
    for (int i = 0; i < 50; i++) {
      MemoryPlanner planner = planner(random, Allowances.MICRO_BATCHES);
      MemoryPlan whole = planner.fastest();
      MemoryPlan smallest = planner.smallest();
      assertThat(smallest.batchSize() * smallest.accumulation())
          .isEqualTo(whole.batchSize() * whole.accumulation());
    }
  }

  @Test
  void changesNoMicroBatchUnlessAllowed() throws IOException {
    Random random = new Random(5);
    for (int i = 0; i < 50; i++) {
      MemoryPlanner planner = planner(random, Allowances.NOTHING);
      assertThat(planner.smallest().batchSize()).isEqualTo(planner.fastest().batchSize());
    }
  }
}
