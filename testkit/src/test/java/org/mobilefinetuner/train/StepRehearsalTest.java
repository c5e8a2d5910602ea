package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.autograd.Gradients;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.memory.SpillFile;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.TinyModels;

class StepRehearsalTest {
  private static final int RANK = 3;
  private static final int LENGTH = 9;
  private static final int SEQUENCES = 2;

  @TempDir private Path folder;

  private static JsonObject config(String type) {
    return switch (type) {
      case "gpt2" -> TinyModels.gpt2(53, 24, 16, 3, 2);
      default -> decoder(type);
    };
  }

  private static JsonObject decoder(String type) {
    return JsonObject.empty()
        .put("model_type", type)
        .put("vocab_size", 61L)
        .put("hidden_size", 16L)
        .put("intermediate_size", 24L)
        .put("num_hidden_layers", 3L)
        .put("num_attention_heads", 2L)
        .put("num_key_value_heads", 1L)
        .put("head_dim", 8L)
        .put("max_position_embeddings", 64L)
        .put("rms_norm_eps", 1e-6)
        .put("rope_theta", 10_000.0)
        .put("sliding_window", type.equals("gemma3_text") ? 8L : null)
        .put("query_pre_attn_scalar", 8L)
        .put("tie_word_embeddings", true);
  }

  /** An arena of exactly what was rehearsed is enough for the step, and one a bit smaller is not. */
  @ParameterizedTest
  @CsvSource({
    "gpt2, true, 100, false",
    "gpt2, false, 0, false",
    "gpt2, true, 1, true",
    "qwen2, false, 100, false",
    "qwen2, true, 2, false",
    "llama, false, 0, true",
    "gemma3_text, false, 1, false",
    "gemma3_text, true, 0, true"
  })
  void tellsWhatAStepNeeds(String type, boolean full, int tapes, boolean spills)
      throws IOException {
    Model model = Models.of(config(type));
    LoadedWeights shapes = LoadedWeights.shapes(model, full);
    var source = TinyModels.source(TinyModels.weights(model, 5));
    LoadedWeights weights =
        full ? LoadedWeights.trainable(model, source) : LoadedWeights.frozen(model, source);
    for (Site site : full ? List.<Site>of() : ModelFolder.sites(model)) {
      shapes.adapt(site.name(), shape(site));
      weights.adapt(site.name(), Lora.init(site.name(), site.in(), site.out(), RANK, 1, 0, 1));
    }
    long chunk = 4L * 30 * model.vocabulary();
    long needed =
        new StepRehearsal(shapes).arenaBytes(tapes, spills, SEQUENCES, LENGTH, chunk);

    try (SpillFile spill = new SpillFile(folder.resolve("spill"), 1 << 12)) {
      var keep = new SegmentedBackprop.Keep(tapes, spills ? spill : null);
      step(weights, Arena.ofBytes(needed, chunk), keep);
      assertThatThrownBy(() -> step(weights, Arena.ofBytes(needed - 64, chunk), keep))
          .isInstanceOf(Arena.BudgetExceededException.class);
    }
    assertThat(needed).isPositive();
  }

  private static Lora shape(Site site) {
    return new Lora(
        new Parameter("a", Tensor.ofShape(RANK, site.in())),
        new Parameter("b", Tensor.ofShape(site.out(), RANK)),
        1,
        0);
  }

  private static void step(LoadedWeights weights, Arena arena, SegmentedBackprop.Keep keep) {
    List<Batch.Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < SEQUENCES; i++) {
      int[] ids = new int[LENGTH];
      java.util.Arrays.setAll(ids, t -> t + 1);
      sequences.add(new Batch.Sequence(i, ids, ids));
    }
    Batch batch = Batch.of(sequences, 1);
    SegmentedBackprop backprop =
        new SegmentedBackprop(
            weights.model(), weights, weights.lowestTrainable(), new ScalarKernels(), arena, keep);
    backprop.step(batch, new Gradients(weights.parameters()));
    backprop.evaluate(batch);
  }
}
