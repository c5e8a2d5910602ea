package org.mobilefinetuner.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.ModelWriter;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.model.Segment;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;

class GeneratorTest {
  private static final int POSITIONS = 600;

  @TempDir Path dir;
  private LoadedWeights weights;
  private final Arena arena = Arena.poisoned();
  private Generator generator;

  @BeforeEach
  void make() throws IOException {
    JsonObject json =
        JsonObject.parse(
            "test",
            "{\"model_type\": \"gpt2\", \"vocab_size\": 50, \"n_positions\": "
                + POSITIONS
                + ", \"n_embd\": 8, \"n_layer\": 2, \"n_head\": 2}");
    Model model = Models.of(json);
    ModelWriter.write(
        dir.resolve("m"),
        model,
        json,
        Format.F32,
        spec ->
            (at, to, count) -> {
              for (int i = 0; i < count; i++) {
                to[i] = (float) (0.5 * Draws.gaussian(spec.name().hashCode() * 31L + at + i));
              }
            },
        null);
    try (ModelFolder folder = ModelFolder.open(dir.resolve("m"))) {
      weights = folder.trainable();
    }
    generator = new Generator(model, weights, new ScalarKernels(), arena);
  }

  private static int[] prompt(int length) {
    int[] prompt = new int[length];
    for (int i = 0; i < length; i++) {
      prompt[i] = (i * 17 + i / 7) % 50;
    }
    return prompt;
  }

  /** The most likely next token, by a pass over the whole text without a cache. */
  private int slowNext(int[] tokens) {
    Model model = weights.model();
    try (Tape tape = Tape.off(Arena.unbounded(), new ScalarKernels())) {
      Tensor x = Segment.NOTHING;
      Batch batch = Batch.reading(tokens, null);
      for (Segment segment : model.segments().subList(0, model.segments().size() - 1)) {
        x = segment.forward(tape, weights.lease(segment), batch, x);
      }
      var head = weights.lease(model.head());
      Tensor z = model.head().logits(tape, head, model.head().hidden(tape, head, x));
      Tensor last = z.rows(tokens.length - 1, 1);
      int best = 0;
      for (int i = 0; i < last.cols(); i++) {
        best = last.data()[last.offset() + i] > last.data()[last.offset() + best] ? i : best;
      }
      return best;
    }
  }

  @Test
  void cacheChangesNothing() {
    for (int length : new int[] {1, 5, 255, 256, 257, 520}) {
      int[] tokens = prompt(length);
      int[] generated =
          generator.generate(tokens, 6, Sampling.greedy(), new int[0], t -> {}).tokens();
      for (int next : generated) {
        assertThat(next).as("after " + tokens.length).isEqualTo(slowNext(tokens));
        tokens = Arrays.copyOf(tokens, tokens.length + 1);
        tokens[tokens.length - 1] = next;
      }
      assertThat(tokens).hasSize(length + 6);
    }
  }

  @Test
  void listenerHearsEachToken() {
    List<Integer> heard = new ArrayList<>();
    Generator.Result result =
        generator.generate(prompt(3), 9, Sampling.greedy(), new int[0], heard::add);
    assertThat(heard)
        .containsExactly(Arrays.stream(result.tokens()).boxed().toArray(Integer[]::new));
    assertThat(result.end()).isEqualTo(Generator.End.LENGTH);
  }

  @Test
  void stopsAtAnyStopToken() {
    Sampling random = new Sampling(1, 0, 1, 1, 3);
    int[] all = generator.generate(prompt(3), 30, random, new int[0], t -> {}).tokens();
    int stop = all[12];
    int first = 0;
    while (all[first] != stop) {
      first++;
    }
    Generator.Result result =
        generator.generate(prompt(3), 30, random, new int[] {-5, stop}, t -> {});
    assertThat(result.end()).isEqualTo(Generator.End.EOS);
    assertThat(result.tokens()).isEqualTo(Arrays.copyOf(all, first));
  }

  @Test
  void stopsAtTheLastPosition() {
    Generator.Result result =
        generator.generate(prompt(POSITIONS - 2), 9, Sampling.greedy(), new int[0], t -> {});
    assertThat(result.tokens()).hasSize(2);
    assertThat(result.end()).isEqualTo(Generator.End.POSITIONS);
    for (int length : new int[] {0, POSITIONS}) {
      assertThatThrownBy(
              () -> generator.generate(prompt(length), 1, Sampling.greedy(), new int[0], t -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("found " + length);
    }
  }

  @Test
  void notANumberIsAnError() {
    ((Tensor) weights.get("transformer.wte.weight").value()).data()[8] = Float.NaN;
    assertThatThrownBy(
            () -> generator.generate(prompt(3), 1, Sampling.greedy(), new int[0], t -> {}))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("NaN");
  }

  @Test
  void memoryComesBack() {
    generator.generate(prompt(9), 3, Sampling.greedy(), new int[0], t -> {});
    long high = arena.highWaterBytes();
    generator.generate(prompt(9), 3, Sampling.greedy(), new int[0], t -> {});
    assertThat(arena.highWaterBytes()).isEqualTo(high);
  }
}
