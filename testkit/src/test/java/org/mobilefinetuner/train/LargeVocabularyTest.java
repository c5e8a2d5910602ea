package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.memory.Sharding;
import org.mobilefinetuner.memory.Shards;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Pieces;
import org.mobilefinetuner.testkit.TinyModels;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/** Embedding and head whose tables are never in memory as a whole. */
class LargeVocabularyTest {
  private static final int VOCABULARY = 2000; // more than two pieces of logits
  private static final int LENGTH = 22;
  private static final int SEQUENCES = 26; // more than 512 rows, with one prediction less for each
  private static final int STEPS = 2;

  @TempDir private Path folder;

  /** Rows of the table are read, multiplied, and given gradients with the bits of the whole. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void panelsHaveTheBitsOfTheWhole(boolean tied) throws IOException {
    Model model = model(tied, VOCABULARY);
    var source = TinyModels.source(TinyModels.weights(model, 5));
    Map<String, float[]> expected =
        train(LoadedWeights.trainable(model, source), StepMemory.unlimited(Keep.TAPE));
    for (Set<Kind> kinds :
        List.of(
            EnumSet.noneOf(Kind.class),
            EnumSet.of(Kind.GRADIENT),
            EnumSet.of(Kind.WEIGHT),
            EnumSet.allOf(Kind.class))) {
      try (Shards shards = new Shards(folder)) {
        Sharding sharding = Sharding.of(shards, kinds);
        StepMemory memory =
            new StepMemory(Arena.poisoned(new Pieces(0, true)), Keep.INPUT, sharding);
        LoadedWeights weights =
            kinds.contains(Kind.WEIGHT)
                ? LoadedWeights.sharded(model, source, sharding.room(Kind.WEIGHT))
                : LoadedWeights.trainable(model, source);
        Map<String, float[]> found = train(weights, memory);
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        found.forEach(
            (name, values) ->
                assertThat(values).as("%s %s", kinds, name).isEqualTo(expected.get(name)));
      }
    }
  }

  /** What a step needs does not grow with the number of tokens that there are. */
  @Test
  void memoryIsThatOfAPanel() throws IOException {
    assertThat(arenaBytes(64_000)).isEqualTo(arenaBytes(4_000));
  }

  private static long arenaBytes(int vocabulary) throws IOException {
    LoadedWeights shapes = LoadedWeights.shapes(model(true, vocabulary), true);
    return new StepRehearsal(shapes)
        .arenaBytes(
            0,
            false,
            Format.F32,
            EnumSet.allOf(Kind.class),
            false,
            SEQUENCES,
            LENGTH,
            new Pieces(1 << 20, true));
  }

  private static Model model(boolean tied, int vocabulary) throws IOException {
    JsonObject config = TinyModels.gpt2(vocabulary, LENGTH, 16, 1, 2);
    return Models.of(config.put("tie_word_embeddings", tied));
  }

  private static Map<String, float[]> train(LoadedWeights weights, StepMemory memory) {
    TrainConfig config =
        new TrainConfig(
            AdamW.Config.of(0.01f),
            new Schedule(Schedule.Shape.CONSTANT, 1e-2f, 0, STEPS),
            SEQUENCES,
            2,
            0.5f,
            1,
            0);
    Map<String, float[]> left = new LinkedHashMap<>();
    try (Kernels kernels = Backends.best(2)) {
      OptimizerStep step = new OptimizerStep(weights, config, kernels, memory);
      for (int i = 0; i < STEPS; i++) {
        var batches = List.of(sequences(2 * i), sequences(2 * i + 1));
        step.run(new StepLoader.Step(0, batches), i, 1e-2f);
      }
      weights.parameters().forEach(p -> left.put(p.name(), values(p.numbers())));
      step.state().forEach((name, numbers) -> left.put(name, values(numbers)));
    }
    return left;
  }

  private static List<Batch.Sequence> sequences(int seed) {
    Random random = new Random(seed);
    List<Batch.Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < SEQUENCES; i++) {
      int[] ids = random.ints(LENGTH, 0, VOCABULARY).toArray();
      sequences.add(new Batch.Sequence(i, ids, ids));
    }
    return sequences;
  }

  private static float[] values(Numbers numbers) {
    float[] values = new float[numbers.size()];
    numbers.read(0, values, values.length);
    return values;
  }
}
