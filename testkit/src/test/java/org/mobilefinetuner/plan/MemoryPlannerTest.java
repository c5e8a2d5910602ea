package org.mobilefinetuner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.testkit.TinyModels;

class MemoryPlannerTest {
  private static final RuntimeCost RUNTIME = new RuntimeCost(1 << 20, 1 << 19);

  private static MemoryPlanner planner(Random random, boolean splits) throws IOException {
    int layers = 1 + random.nextInt(6);
    Model model = Models.of(TinyModels.gpt2(50 + random.nextInt(3000), 64, 32, layers, 2));
    Workload workload =
        new Workload(
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
    return new MemoryPlanner(workload, RUNTIME, splits);
  }

  /** A plan is refused only where none fits, and what is named as the smallest does fit. */
  @Test
  void refusesOnlyWhatDoesNotFit() throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < 100; i++) {
      MemoryPlanner planner = planner(random, random.nextBoolean());
      long smallest = planner.smallest().totalBytes();
      long fastest = planner.fastest().totalBytes();
      assertThat(planner.within(smallest)).isPresent();
      assertThat(planner.within(smallest - 1)).isEmpty();
      for (MemoryPlan plan : planner.staircase()) {
        assertThat(plan.totalBytes()).isGreaterThanOrEqualTo(smallest);
      }
      double time = Double.MAX_VALUE;
      for (int share = 0; share <= 4; share++) {
        long budget = smallest + (fastest - smallest) * share / 4;
        Optional<MemoryPlan> plan = planner.within(budget);
        assertThat(plan).isPresent();
        assertThat(plan.orElseThrow().totalBytes()).isLessThanOrEqualTo(budget);
        assertThat(plan.orElseThrow().relativeTime()).isLessThanOrEqualTo(time);
        time = plan.orElseThrow().relativeTime();
      }
    }
  }

  @Test
  void keepsTheEffectiveBatch() throws IOException {
    Random random = new Random(4);
    for (int i = 0; i < 50; i++) {
      MemoryPlanner planner = planner(random, true);
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
      MemoryPlanner planner = planner(random, false);
      assertThat(planner.smallest().batchSize()).isEqualTo(planner.fastest().batchSize());
    }
  }
}
