package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.memory.Sharding;
import org.mobilefinetuner.memory.Shards;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.memory.SpillFile;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Pieces;
import org.mobilefinetuner.testkit.TinyModels;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/** Whatever a plan gives up, and however many threads there are: what is trained is the same. */
class SameBitsTest {
  private static final int STEPS = 2;
  private static final int[] THREADS = {1, 2, 3, 7};
  private static final int BOUNDARY = 53 * 16; // floats of a micro-batch between two segments

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "gpt2, false", "gpt2, true",
    "qwen2, false", "qwen2, true",
    "llama, false", "llama, true",
    "gemma3_text, false", "gemma3_text, true"
  })
  void everyPlanTrainsTheSame(String type, boolean full) throws IOException {
    everyPlanTrainsTheSame(type, full, Format.F32);
    everyPlanTrainsTheSame(type, full, Format.BF16);
  }

  private void everyPlanTrainsTheSame(String type, boolean full, Format boundaries)
      throws IOException {
    Keep all = new Keep(Integer.MAX_VALUE, null, boundaries);
    Map<String, float[]> expected = train(type, full, 1, StepMemory.unlimited(all), false);
    assertThat(expected.values())
        .allSatisfy(values -> assertThat(values).doesNotContain(Float.NaN));
    try (Shards shards = new Shards(folder);
        SpillFile spill = new SpillFile(folder, BOUNDARY)) {
      List<Keep> keeps =
          List.of(
              all,
              new Keep(0, null, boundaries),
              new Keep(2, null, boundaries),
              new Keep(0, spill, boundaries),
              new Keep(1, spill, boundaries));
      List<Set<Kind>> sharded =
          full
              ? List.of(
                  EnumSet.noneOf(Kind.class),
                  EnumSet.of(Kind.MEAN, Kind.GRADIENT),
                  EnumSet.of(Kind.WEIGHT),
                  EnumSet.allOf(Kind.class))
              : List.of(EnumSet.noneOf(Kind.class));
      int trial = 0;
      for (Keep keep : keeps) {
        for (Set<Kind> kinds : sharded) {
          int threads = THREADS[trial++ % THREADS.length];
          Arena arena = Arena.poisoned(new Pieces(0, keep.tapes() < 2));
          StepMemory memory = new StepMemory(arena, keep, Sharding.of(shards, kinds));
          boolean elsewhere = kinds.contains(Kind.WEIGHT);
          assertSame(train(type, full, threads, memory, elsewhere), expected);
        }
      }
      for (int threads : THREADS) {
        StepMemory memory = StepMemory.unlimited(new Keep(0, null, boundaries));
        assertSame(train(type, full, threads, memory, false), expected);
      }
    }
  }

  private static void assertSame(Map<String, float[]> found, Map<String, float[]> expected) {
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    found.forEach((name, values) -> assertThat(values).as(name).isEqualTo(expected.get(name)));
  }

  /** All that a few steps leave: what is trained, and the optimizer's state. */
  private static Map<String, float[]> train(
      String type, boolean full, int threads, StepMemory memory, boolean elsewhere)
      throws IOException {
    LoadedWeights weights = weights(type, full, memory, elsewhere);
    TrainConfig config =
        new TrainConfig(
            AdamW.Config.of(0.01f),
            new Schedule(Schedule.Shape.CONSTANT, 1e-2f, 0, STEPS),
            4,
            2,
            0.5f,
            TinyRun.SEED,
            0);
    Map<String, float[]> left = new LinkedHashMap<>();
    try (Kernels kernels = Backends.best(threads)) {
      OptimizerStep step = new OptimizerStep(weights, config, kernels, memory);
      for (int i = 0; i < STEPS; i++) {
        step.run(
            new StepLoader.Step(
                0, List.of(TinyRun.sequences().subList(0, 4), TinyRun.sequences().subList(4, 8))),
            i,
            1e-2f);
      }
      weights.parameters().forEach(p -> left.put(p.name(), values(p.numbers())));
      step.state().forEach((name, numbers) -> left.put(name, values(numbers)));
    }
    return left;
  }

  private static LoadedWeights weights(
      String type, boolean full, StepMemory memory, boolean elsewhere) throws IOException {
    Model model = Models.of(TinyModels.of(type), Format.F32, 0);
    var source = TinyModels.source(TinyModels.weights(model, 5));
    if (full) {
      return elsewhere
          ? LoadedWeights.sharded(model, source, memory.sharding().room(Kind.WEIGHT))
          : LoadedWeights.trainable(model, source);
    }
    LoadedWeights weights = LoadedWeights.frozen(model, source);
    for (Site site : ModelFolder.sites(model)) {
      weights.adapt(site.name(), Lora.init(site.name(), site.in(), site.out(), 3, 2, 0.2f, 1));
    }
    return weights;
  }

  private static float[] values(Numbers numbers) {
    float[] values = new float[numbers.size()];
    numbers.read(0, values, values.length);
    return values;
  }
}
