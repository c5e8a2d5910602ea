package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.memory.Sharding;
import org.mobilefinetuner.memory.Shards;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Pieces;
import org.mobilefinetuner.testkit.TinyModels;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/** Segments that are updated when they are left. */
class UpdatesAtOnceTest {
  private static final int STEPS = 3;

  @TempDir private Path folder;

  /** Where all is and when it is updated makes no difference to weights, state and norms. */
  @ParameterizedTest
  @CsvSource({
    "gpt2, true",
    "gpt2, false",
    "qwen2, true",
    "llama, false",
    "gemma3_text, true"
  })
  void haveTheBitsOfASecondSweep(String type, boolean tied) throws IOException {
    Map<String, float[]> expected =
        train(type, tied, new StepMemory(Arena.unbounded(), Keep.TAPE, Sharding.NONE));
    int trial = 0;
    for (Set<Kind> kinds :
        List.of(
            EnumSet.noneOf(Kind.class),
            EnumSet.of(Kind.MEAN, Kind.SQUARE, Kind.GRADIENT),
            EnumSet.allOf(Kind.class))) {
      for (Keep keep : List.of(Keep.TAPE, Keep.INPUT)) {
        try (Shards shards = new Shards(folder)) {
          Arena arena = Arena.poisoned(new Pieces(0, trial++ % 2 == 0));
          Map<String, float[]> found =
              train(type, tied, new StepMemory(arena, keep, Sharding.of(shards, kinds), true));
          assertThat(found.keySet()).isEqualTo(expected.keySet());
          found.forEach(
              (name, values) ->
                  assertThat(values).as("%s %s", kinds, name).isEqualTo(expected.get(name)));
        }
      }
    }
  }

  /** All that a few steps leave: weights, the optimizer's state, and the norms. */
  private static Map<String, float[]> train(String type, boolean tied, StepMemory memory)
      throws IOException {
    JsonObject sizes = TinyModels.of(type).put("tie_word_embeddings", tied);
    Model model = Models.of(sizes);
    var source = TinyModels.source(TinyModels.weights(model, 5));
    Numbers.Room room = memory.sharding().room(Kind.WEIGHT);
    LoadedWeights weights =
        room == Numbers.MEMORY
            ? LoadedWeights.trainable(model, source)
            : LoadedWeights.sharded(model, source, room);
    Map<String, float[]> left = new LinkedHashMap<>();
    try (Kernels kernels = Backends.best(2)) {
      OptimizerStep step = new OptimizerStep(weights, config(1, 0), kernels, memory);
      for (int i = 0; i < STEPS; i++) {
        OptimizerStep.Result result = step.run(batch(), i, 1e-2f);
        left.put("norm " + i, new float[] {(float) result.gradNorm(), (float) result.loss()});
        left.put("rest of norm " + i, new float[] {rest(result.gradNorm())});
      }
      weights.parameters().forEach(p -> left.put(p.name(), values(p)));
      step.state().forEach((name, numbers) -> left.put(name, values(numbers)));
    }
    return left;
  }

  private static float rest(double value) {
    return (float) (value - (float) value);
  }

  private static StepLoader.Step batch() {
    return new StepLoader.Step(0, List.of(TinyRun.sequences()));
  }

  private static TrainConfig config(int accumulation, float maxNorm) {
    return new TrainConfig(
        AdamW.Config.of(0.01f),
        new Schedule(Schedule.Shape.CONSTANT, 1e-2f, 0, STEPS),
        8,
        accumulation,
        maxNorm,
        TinyRun.SEED,
        0);
  }

  private static float[] values(Parameter parameter) {
    return values(parameter.numbers());
  }

  private static float[] values(Numbers numbers) {
    float[] values = new float[numbers.size()];
    numbers.read(0, values, values.length);
    return values;
  }

  private static final StepMemory AT_ONCE =
      new StepMemory(Arena.unbounded(), Keep.TAPE, Sharding.NONE, true);

  /** A gradient that is not finite ends the run before its weights have it. */
  @Test
  void whatIsNotFiniteIsNotApplied() throws IOException {
    LoadedWeights weights = TinyRun.weights(TinyRun.Method.FULL, 0);
    Parameter broken = (Parameter) weights.get("transformer.h.0.ln_1.weight");
    broken.value().data()[0] = Float.NaN;
    Map<String, float[]> before = new LinkedHashMap<>();
    weights.parameters().forEach(p -> before.put(p.name(), values(p).clone()));
    try (Kernels kernels = Backends.best(1)) {
      OptimizerStep step = new OptimizerStep(weights, config(1, 0), kernels, AT_ONCE);
      assertThatThrownBy(() -> step.run(batch(), 0, 1e-2f))
          .isInstanceOf(TrainingFailedException.class)
          .hasMessageContaining("step 1: expected finite numbers, found a loss of NaN")
          .hasMessageContaining("infinite or NaN gradients in 1 tensors");
    }
    weights
        .parameters()
        .forEach(p -> assertThat(values(p)).as(p.name()).isEqualTo(before.get(p.name())));
  }

  /** A gradient that is zero is missed, as it is with a second sweep. */
  @Test
  void gradientsThatAreMissingAreNamed() throws IOException {
    List<String> messages = new ArrayList<>();
    for (boolean atOnce : new boolean[] {true, false}) {
      LoadedWeights weights = TinyRun.weights(TinyRun.Method.FULL, 0);
      Parameter dead = (Parameter) weights.get("transformer.h.1.mlp.c_proj.weight");
      Arrays.fill(dead.value().data(), 0); // nothing comes through to what is before it
      StepMemory memory = atOnce ? AT_ONCE : StepMemory.unlimited(Keep.TAPE);
      try (Kernels kernels = Backends.best(1)) {
        OptimizerStep step = new OptimizerStep(weights, config(1, 0), kernels, memory);
        assertThatThrownBy(() -> step.run(batch(), 0, 1e-2f))
            .isInstanceOf(TrainingFailedException.class)
            .satisfies(e -> messages.add(String.valueOf(e.getMessage())));
      }
    }
    assertThat(messages).allSatisfy(message -> assertThat(message).contains("mlp.c_fc.weight"));
  }

  /** Where gradients must be there before they can be applied. */
  @Test
  void clippingAndAccumulationAreRefused() throws IOException {
    LoadedWeights weights = TinyRun.weights(TinyRun.Method.FULL, 0);
    try (Kernels kernels = Backends.best(1)) {
      for (TrainConfig config : List.of(config(2, 0), config(1, 1))) {
        assertThatThrownBy(() -> new OptimizerStep(weights, config, kernels, AT_ONCE))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("no clipping and no accumulation");
      }
    }
  }
}
