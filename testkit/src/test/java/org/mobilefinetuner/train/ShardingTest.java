package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.memory.Sharding;
import org.mobilefinetuner.memory.Shards;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/** Where what is trained is kept makes no difference to what comes out. */
class ShardingTest {
  private static final int STEPS = 3;

  @TempDir private Path folder;

  static Stream<Set<Kind>> kinds() {
    return Stream.of(
        EnumSet.of(Kind.MEAN, Kind.SQUARE),
        EnumSet.of(Kind.GRADIENT),
        EnumSet.of(Kind.WEIGHT),
        EnumSet.allOf(Kind.class));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void weightsAndStateEndWithTheSameBits(Set<Kind> kinds) throws IOException {
    Map<String, float[]> expected =
        train(TinyRun.Method.FULL, StepMemory.unlimited(Keep.TAPE), false);
    try (Shards shards = new Shards(folder)) {
      Sharding sharding = Sharding.of(shards, kinds);
      for (Keep keep : List.of(Keep.TAPE, Keep.INPUT, new Keep(1, null))) {
        StepMemory memory = new StepMemory(Arena.poisoned(), keep, sharding);
        Map<String, float[]> found =
            train(TinyRun.Method.FULL, memory, kinds.contains(Kind.WEIGHT));
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        found.forEach((name, values) -> assertThat(values).as(name).isEqualTo(expected.get(name)));
      }
    }
  }

  /** All that a few steps leave: weights, and the optimizer's state. */
  private static Map<String, float[]> train(
      TinyRun.Method method, StepMemory memory, boolean elsewhere) throws IOException {
    LoadedWeights weights = 
        elsewhere
            ? TinyRun.sharded(0.2f, memory.sharding().room(Kind.WEIGHT))
            : TinyRun.weights(method, 0.2f);
    TrainConfig config =
        new TrainConfig(
            AdamW.Config.of(0.01f),
            new Schedule(Schedule.Shape.CONSTANT, 1e-2f, 0, STEPS),
            4,
            2,
            0.5f,
            TinyRun.SEED,
            0);
    OptimizerStep step = new OptimizerStep(weights, config, new ScalarKernels(), memory);
    for (int i = 0; i < STEPS; i++) {
      step.run(
          new StepLoader.Step(
              0, List.of(TinyRun.sequences().subList(0, 4), TinyRun.sequences().subList(4, 8))),
          i,
          1e-2f);
    }
    Map<String, float[]> left = new LinkedHashMap<>();
    for (Parameter p : weights.parameters()) {
      left.put(p.name(), values(p.numbers()));
    }
    step.state().forEach((name, numbers) -> left.put(name, values(numbers)));
    return left;
  }

  private static float[] values(Numbers numbers) {
    float[] values = new float[numbers.size()];
    numbers.read(0, values, values.length);
    return values;
  }
}
