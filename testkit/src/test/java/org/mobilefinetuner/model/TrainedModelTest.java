package org.mobilefinetuner.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.generate.Generator;
import org.mobilefinetuner.generate.Sampling;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.testkit.SharedData;
import org.mobilefinetuner.text.Tokenizer;
import org.mobilefinetuner.train.SegmentedBackprop;

/** A Llama that was trained on stories, with its own tokenizer: stories260K. */
class TrainedModelTest {
  private final Kernels kernels = new ScalarKernels();
  private Path folder = Path.of("");
  private JsonObject golden = JsonObject.empty();

  @BeforeEach
  void find() throws IOException {
    Path found = SharedData.find("weights/stories260K/hf");
    assumeTrue(found != null, "needs ../shared/data/weights");
    folder = requireNonNull(found);
    golden = JsonObject.read(folder.resolve("golden.json"));
  }

  @Test
  void textsHaveTheTokensAndLossesOfTransformers() throws IOException {
    try (ModelFolder model = ModelFolder.open(folder)) {
      Tokenizer tokenizer = requireNonNull(model.tokenizer());
      List<?> texts = golden.list("texts");
      assertThat(texts).hasSize(20);
      var backprop =
          new SegmentedBackprop(
              model.model(),
              model.frozen(),
              Integer.MAX_VALUE,
              kernels,
              Arena.unbounded(),
              SegmentedBackprop.Keep.INPUT);
      for (Object text : texts) {
        JsonObject expected = (JsonObject) text;
        int[] wanted = expected.integers("ids");
        int[] ids = Arrays.copyOf(tokenizer.encode(expected.string("text"), true), wanted.length);
        assertThat(ids).containsExactly(wanted);
        Batch batch = Batch.of(List.of(new Batch.Sequence(0, ids, ids)), 1);
        backprop.evaluate(batch);
        int tokens = expected.integer("tokens");
        assertThat(batch.totalNll() / tokens)
            .isCloseTo(expected.number("sum_nll") / tokens, within(1e-4));
      }
    }
  }

  @Test
  void tellsTheStoryThatTransformersTells() throws IOException {
    int[] expected = golden.integers("greedy_ids_from_bos_200");
    try (ModelFolder model = ModelFolder.open(folder)) {
      var generator = new Generator(model.model(), model.frozen(), kernels, Arena.unbounded());
      Generator.Result result =
          generator.generate(
              new int[] {expected[0]},
              expected.length - 1,
              Sampling.greedy(),
              new int[0],
              token -> {});
      assertThat(result.tokens()).containsExactly(Arrays.copyOfRange(expected, 1, expected.length));
      Tokenizer tokenizer = requireNonNull(model.tokenizer());
      assertThat(tokenizer.decode(expected, true).strip())
          .isEqualTo(golden.string("greedy_text").strip());
    }
  }
}
