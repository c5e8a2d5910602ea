package org.mobilefinetuner.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.ModelWriter;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.ops.LinearCrossEntropy;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.train.SegmentedBackprop;

class PerplexityTest {
  @TempDir Path dir;
  private SegmentedBackprop backprop;

  @BeforeEach
  void make() throws IOException {
    JsonObject json =
        JsonObject.parse(
            "test",
            "{\"model_type\": \"gpt2\", \"vocab_size\": 50, \"n_positions\": 16, \"n_embd\": 8,"
                + " \"n_layer\": 2, \"n_head\": 2}");
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
      LoadedWeights weights = folder.frozen();
      backprop =
          new SegmentedBackprop(
              model,
              weights,
              model.segments().size(),
              new ScalarKernels(),
              Arena.unbounded(),
              SegmentedBackprop.Keep.INPUT);
    }
  }

  private static Sequence text(int length) {
    int[] ids = new int[length];
    for (int i = 0; i < length; i++) {
      ids[i] = (i * 17 + i / 7) % 50;
    }
    return new Sequence(0, ids, ids.clone());
  }

  /** The loop of Hugging Face's page, line by line, a window at a time. */
  private double[] reference(int[] tokens, int maxLength, int stride) {
    double nll = 0;
    long n = 0;
    int previousEnd = 0;
    for (int begin = 0; begin < tokens.length; begin += stride) {
      int end = Math.min(begin + maxLength, tokens.length);
      int targetLength = end - previousEnd;
      int[] ids = Arrays.copyOfRange(tokens, begin, end);
      int[] labels = ids.clone();
      Arrays.fill(labels, 0, ids.length - targetLength, LinearCrossEntropy.IGNORE);
      int valid = targetLength;
      Batch batch = Batch.of(List.of(new Sequence(0, ids, labels)), 1);
      backprop.evaluate(batch);
      int shifted = 0;
      for (int i = 1; i < labels.length; i++) {
        shifted += labels[i] == LinearCrossEntropy.IGNORE ? 0 : 1;
      }
      if (valid > 1) {
        nll += batch.totalNll() / shifted * (valid - 1);
        n += valid - 1;
      }
      previousEnd = end;
      if (end == tokens.length) {
        break;
      }
    }
    return new double[] {nll, n};
  }

  @Test
  void followsTheProtocol() {
    for (int length : new int[] {2, 15, 16, 17, 32, 33, 40, 500}) {
      for (int stride : new int[] {16, 15, 8, 5, 1}) {
        Sequence text = text(length);
        double[] expected = reference(text.ids(), 16, stride);
        Perplexity.Result result =
            new Perplexity(backprop, 16, stride).of(List.of(text), sofar -> {});
        String what = length + " tokens, stride " + stride;
        assertThat(result.tokens()).as(what).isEqualTo((long) expected[1]);
        assertThat(result.nll()).as(what).isCloseTo(expected[0], within(1e-4));
        assertThat(result.perplexity())
            .isCloseTo(Math.exp(expected[0] / expected[1]), within(1e-3));
      }
    }
  }

  @Test
  void windowsAreNotCutByTheirNumber() {
    Sequence text = text(5000);
    double[] expected = reference(text.ids(), 16, 16);
    int[] heard = {0};
    Perplexity.Result result =
        new Perplexity(backprop, 16, 16).of(List.of(text), sofar -> heard[0]++);
    assertThat(result.windows()).isEqualTo(313);
    assertThat(result.tokens()).isEqualTo((long) expected[1]);
    assertThat(result.nll()).isCloseTo(expected[0], within(1e-2));
    assertThat(heard[0]).isGreaterThan(1);
  }

  @Test
  void textsAreSeparate() {
    Perplexity perplexity = new Perplexity(backprop, 16, 16);
    Perplexity.Result one = perplexity.of(List.of(text(9)), sofar -> {});
    Perplexity.Result three = perplexity.of(List.of(text(9), text(9), text(9)), sofar -> {});
    assertThat(three.tokens()).isEqualTo(24);
    assertThat(three.loss()).isCloseTo(one.loss(), within(1e-9));
  }

  @Test
  void onlyLabelsCount() {
    int[] ids = text(10).ids();
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, 9, LinearCrossEntropy.IGNORE);
    Perplexity.Result last =
        new Perplexity(backprop, 16, 16).of(List.of(new Sequence(0, ids, labels)), sofar -> {});
    assertThat(last.tokens()).isEqualTo(1);
    Batch batch = Batch.of(List.of(text(10)), 1);
    backprop.evaluate(batch);
    assertThat(last.nll()).isCloseTo(batch.nll()[8], within(1e-6));
  }

  @Test
  void rowsOfWikiText() {
    assertThat(Perplexity.joinedRows(" \n = Title = \n \n Text . \n"))
        .isEqualTo("\n\n = Title = \n\n\n\n\n Text . \n");
    assertThat(Perplexity.joinedRows("a\nb")).isEqualTo("a\n\n\nb");
    assertThat(Perplexity.joinedRows("")).isEmpty();
  }

  @Test
  void wrongWindowsAreRefused() {
    for (int[] wrong : new int[][] {{1, 1}, {4, 0}, {4, 5}}) {
      assertThatThrownBy(() -> new Perplexity(backprop, wrong[0], wrong[1]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
