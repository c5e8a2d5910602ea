package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.autograd.GradientSink;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.memory.PassingGradients;
import org.mobilefinetuner.memory.Sharding;
import org.mobilefinetuner.memory.Shards;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.memory.SpillFile;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Pieces;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.TinyModels;

class StepRehearsalTest {
  private static final int RANK = 3;
  private static final int LENGTH = 9;
  private static final int SEQUENCES = 2;

  @TempDir private Path folder;
  private final Closed closed = new Closed();

  /** What is to be closed at the end. */
  private static final class Closed implements Closeable {
    private final List<Closeable> all = new ArrayList<>();

    <T extends Closeable> T add(T one) {
      all.add(one);
      return one;
    }

    @Override
    public void close() throws IOException {
      for (Closeable one : all) {
        one.close();
      }
    }
  }

  /**
   * An arena of exactly what was rehearsed is enough for the step, and one a bit smaller is not.
   */
  @ParameterizedTest
  @CsvSource({
    "gpt2, true, 100, false, F32, '', false, false",
    "gpt2, true, 0, false, F32, WEIGHT GRADIENT, true, false",
    "gpt2, true, 1, false, F32, GRADIENT, true, false",
    "gpt2, false, 0, false, F32, '', true, false",
    "gpt2, true, 1, true, F32, '', false, false",
    "qwen2, false, 100, false, F32, '', true, false",
    "qwen2, true, 2, false, F32, GRADIENT, false, false",
    "llama, false, 0, true, F32, '', true, false",
    "llama, true, 0, true, F32, WEIGHT, true, false",
    "llama, true, 0, true, F32, '', true, false",
    "gemma3_text, false, 1, false, F32, '', false, false",
    "gemma3_text, true, 0, true, F32, WEIGHT GRADIENT MEAN SQUARE, true, false",
    "gpt2, true, 0, false, F32, '', false, true",
    "qwen2, true, 1, false, F32, MEAN SQUARE, true, true",
    "llama, true, 0, true, F32, WEIGHT GRADIENT MEAN SQUARE, true, true",
    "gpt2, false, 1, false, BF16, '', false, false",
    "qwen2, false, 0, false, BF16, '', true, false",
    "llama, false, 0, true, BF16, '', true, false",
    "gemma3_text, true, 0, false, BF16, WEIGHT, true, false"
  })
  void tellsWhatAStepNeeds(
      String type,
      boolean full,
      int tapes,
      boolean spills,
      Format boundaries,
      String inFile,
      boolean columns,
      boolean atOnce)
      throws IOException {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (String kind : inFile.isEmpty() ? new String[0] : inFile.split(" ")) {
      kinds.add(Kind.valueOf(kind));
    }
    Model model = Models.of(TinyModels.of(type));
    LoadedWeights shapes = LoadedWeights.shapes(model, full);
    var source = TinyModels.source(TinyModels.weights(model, 5));
    Shards shards = closed.add(new Shards(folder));
    SpillFile spill = closed.add(new SpillFile(folder, 1 << 12));
    Sharding sharding = Sharding.of(shards, kinds);
    LoadedWeights weights =
        !full
            ? LoadedWeights.frozen(model, source)
            : kinds.contains(Kind.WEIGHT)
                ? LoadedWeights.sharded(model, source, sharding.room(Kind.WEIGHT))
                : LoadedWeights.trainable(model, source);
    for (Site site : full ? List.<Site>of() : ModelFolder.sites(model)) {
      shapes.adapt(site.name(), shape(site));
      weights.adapt(site.name(), Lora.init(site.name(), site.in(), site.out(), RANK, 1, 0, 1));
    }
    Pieces pieces = new Pieces(columns ? 1 : 4L * 30 * model.vocabulary(), columns);
    long needed =
        new StepRehearsal(shapes)
            .arenaBytes(tapes, spills, boundaries, kinds, atOnce, SEQUENCES, LENGTH, pieces);

    var keep = new SegmentedBackprop.Keep(tapes, spills ? spill : null, boundaries);
    step(weights, Arena.ofBytes(needed, pieces), keep, sharding, atOnce);
    assertThatThrownBy(
            () -> step(weights, Arena.ofBytes(needed - 64, pieces), keep, sharding, atOnce))
        .isInstanceOf(Arena.BudgetExceededException.class);
  }

  @AfterEach
  void close() throws IOException {
    closed.close();
  }

  private static Lora shape(Site site) {
    return new Lora(
        new Parameter("a", Tensor.ofShape(RANK, site.in())),
        new Parameter("b", Tensor.ofShape(site.out(), RANK)),
        1,
        0);
  }

  private static void step(
      LoadedWeights weights,
      Arena arena,
      SegmentedBackprop.Keep keep,
      Sharding sharding,
      boolean atOnce) {
    List<Batch.Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < SEQUENCES; i++) {
      int[] ids = new int[LENGTH];
      int first = i * LENGTH;
      java.util.Arrays.setAll(ids, t -> first + t);
      sequences.add(new Batch.Sequence(i, ids, ids));
    }
    Batch batch = Batch.of(sequences, 1);
    SegmentedBackprop backprop =
        new SegmentedBackprop(
            weights.model(),
            sharding.weights(weights, arena),
            weights.lowestTrainable(),
            new ScalarKernels(),
            arena,
            keep);
    GradientSink gradients = sharding.gradients(weights.parameters(), arena);
    backprop.step(
        batch,
        atOnce
            ? new PassingGradients(weights.tables(), gradients, arena, (p, gradient) -> {})
            : gradients);
    backprop.evaluate(batch);
  }
}
