package org.mobilefinetuner.eval;

import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
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

  private Perplexity hf(int context, int stride) {
    return new Perplexity(backprop, new HuggingFaceProtocol(context, stride, OptionalInt.empty()));
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
        Perplexity.Result result = hf(16, stride).of(List.of(text), sofar -> {});
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
    Perplexity.Result result = hf(16, 16).of(List.of(text), sofar -> heard[0]++);
    assertThat(result.windows()).isEqualTo(313);
    assertThat(result.tokens()).isEqualTo((long) expected[1]);
    assertThat(result.nll()).isCloseTo(expected[0], within(1e-2));
    assertThat(heard[0]).isGreaterThan(1);
  }

  @Test
  void textsAreSeparate() {
    Perplexity perplexity = hf(16, 16);
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
    Perplexity.Result last = hf(16, 16).of(List.of(new Sequence(0, ids, labels)), sofar -> {});
    assertThat(last.tokens()).isEqualTo(1);
    Batch batch = Batch.of(List.of(text(10)), 1);
    backprop.evaluate(batch);
    assertThat(last.nll()).isCloseTo(batch.nll()[8], within(1e-6));
  }

  private static List<String> texts(PerplexityProtocol protocol, String file) {
    return protocol.texts(file).stream().map(PerplexityText::content).collect(toList());
  }

  @Test
  void rowsOfWikiText() {
    PerplexityProtocol hf = new HuggingFaceProtocol(16, 16, OptionalInt.empty());
    assertThat(texts(hf, " \n = Title = \n \n Text . \n"))
        .containsExactly("\n\n = Title = \n\n\n\n\n Text . \n");
    assertThat(texts(hf, "a\nb")).containsExactly("a\n\n\nb");
    assertThat(texts(hf, "")).containsExactly("");
  }

  @Test
  void bosIsInFrontOfEachWindowAndNotPredicted() {
    PerplexityProtocol hf = new HuggingFaceProtocol(5, 2, OptionalInt.of(49));
    int[] ids = text(7).ids();
    List<PerplexityWindow> windows = hf.windows(ids, ids);
    assertThat(windows).hasSize(3);
    int none = LinearCrossEntropy.IGNORE;
    assertThat(windows.get(0).ids()).containsExactly(49, ids[0], ids[1], ids[2], ids[3]);
    assertThat(windows.get(0).targets()).containsExactly(ids[0], ids[1], ids[2], ids[3], none);
    assertThat(windows.get(0).weight()).as("one less than scored").isEqualTo(3);
    assertThat(windows.get(1).ids()).containsExactly(49, ids[2], ids[3], ids[4], ids[5]);
    assertThat(windows.get(1).targets()).containsExactly(none, none, ids[4], ids[5], none);
    assertThat(windows.get(2).ids()).containsExactly(49, ids[4], ids[5], ids[6]);
    assertThat(windows.get(2).targets()).containsExactly(none, none, ids[6], none);
  }

  @Test
  void pagesOfWikiText() {
    PerplexityProtocol lmEval = new LmEvalProtocol(16, 0, OptionalInt.empty());
    String first = " = One = \n \n = = Two = = \n = = = Three = = = \n c \n ";
    List<PerplexityText> pages = lmEval.texts(" \n" + first + "\n = Four = \n d\n");
    assertThat(pages).hasSize(2);
    assertThat(pages.get(0)).isEqualTo(LmEvalProtocol.page(first));
    assertThat(pages.get(0).bytes()).isEqualTo(first.length());
    assertThat(pages.get(0).words()).isEqualTo(first.split("\\s+", -1).length);
    assertThat(pages.get(1)).isEqualTo(LmEvalProtocol.page(" = Four = \n d\n"));
  }

  @Test
  void lmEvalPredictsEachTokenOnce() {
    for (int length : new int[] {1, 3, 4, 5, 8, 9, 30}) {
      for (boolean bos : new boolean[] {false, true}) {
        PerplexityProtocol lmEval =
            new LmEvalProtocol(4, 49, bos ? OptionalInt.of(48) : OptionalInt.empty());
        int[] ids = text(length).ids();
        List<Integer> predicted = new ArrayList<>();
        for (PerplexityWindow window : lmEval.windows(ids, ids)) {
          assertThat(window.ids()).hasSameSizeAs(window.targets()).hasSizeBetween(1, 4);
          boolean first = predicted.isEmpty();
          int skip = bos && !first ? 1 : 0;
          assertThat(window.ids()).as("full").hasSize(first ? Math.min(4, length) : 4);
          assertThat(window.ids()[0] == 49).isEqualTo(first);
          assertThat(window.ids()[0] == 48).isEqualTo(skip == 1);
          int before = predicted.size();
          for (int i = skip; i < window.ids().length; i++) {
            if (window.targets()[i] != LinearCrossEntropy.IGNORE) {
              int at = predicted.size();
              assertThat(window.ids()[i]).isEqualTo(at == 0 ? 49 : ids[at - 1]);
              predicted.add(window.targets()[i]);
            }
          }
          assertThat(window.weight()).isEqualTo(predicted.size() - before);
        }
        assertThat(predicted.stream().mapToInt(i -> i).toArray()).isEqualTo(ids);
      }
    }
  }

  @Test
  void lmEvalReadsAsManyTokensAsThereArePositions() {
    Sequence text = text(33);
    Perplexity.Result result =
        new Perplexity(backprop, new LmEvalProtocol(16, 49, OptionalInt.empty()))
            .of(List.of(text), sofar -> {});
    assertThat(result.tokens()).isEqualTo(33);
    assertThat(result.windows()).isEqualTo(3);
    int[] all = text.ids();
    int[] padded = PerplexityWindow.prepend(49, all);
    double nll = 0;
    for (int start : new int[] {0, 16, 17}) { // the last window moves back
      Batch batch =
          Batch.reading(
              Arrays.copyOfRange(padded, start, start + 16),
              Arrays.copyOfRange(all, start, start + 16),
              null);
      backprop.evaluate(batch);
      nll += start == 17 ? batch.nll()[15] : batch.totalNll();
    }
    assertThat(result.nll()).isCloseTo(nll, within(1e-4));
    assertThat(result.perplexityOf(11)).isCloseTo(Math.exp(nll / 11), within(1e-3));
    assertThat(result.bitsPerByte(44)).isCloseTo(nll / 44 / Math.log(2), within(1e-6));
  }

  @Test
  void llamaCppScoresTheSecondHalfOfWholeWindows() {
    int[] ids = text(13).ids();
    PerplexityProtocol llama = new LlamaCppProtocol(6, OptionalInt.of(49));
    List<PerplexityWindow> windows = llama.windows(ids, ids);
    assertThat(windows).hasSize(2);
    int none = LinearCrossEntropy.IGNORE;
    assertThat(windows.get(1).ids()).containsExactly(49, ids[7], ids[8], ids[9], ids[10], ids[11]);
    assertThat(windows.get(1).targets()).containsExactly(none, none, none, ids[10], ids[11], none);
    assertThat(windows.get(1).weight()).isEqualTo(2);
    assertThat(new LlamaCppProtocol(6, OptionalInt.empty()).windows(ids, ids).get(1).ids()[0])
        .isEqualTo(ids[6]);
    assertThat(texts(llama, "a\n\n")).containsExactly("a\n");
  }

  @Test
  void wrongWindowsAreRefused() {
    for (int[] wrong : new int[][] {{1, 1}, {4, 0}, {4, 5}}) {
      assertThatThrownBy(() -> hf(wrong[0], wrong[1])).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> new HuggingFaceProtocol(4, 4, OptionalInt.of(1)))
        .as("BOS takes one of the four")
        .isInstanceOf(IllegalArgumentException.class);
  }
}
