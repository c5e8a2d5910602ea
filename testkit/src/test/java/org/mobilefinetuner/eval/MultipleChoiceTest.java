package org.mobilefinetuner.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.eval.MultipleChoice.Answer;
import org.mobilefinetuner.eval.MultipleChoice.Score;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.model.Segment;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.TinyModels;
import org.mobilefinetuner.text.Tokenizer;

/** Options scored with a cache, against passes over whole texts without one. */
class MultipleChoiceTest {
  private static final int POSITIONS = 1200;

  @TempDir Path dir;

  /** Layers of Gemma 3 see four tokens here, or all. */
  private static Model model(String type) throws IOException {
    if (type.equals("gpt2")) {
      return Models.of(TinyModels.gpt2(300, POSITIONS, 12, 2, 3));
    }
    JsonObject config =
        JsonObject.read(Path.of("src/test/resources/golden/tiny-gemma3/config.json"));
    return Models.of(
        config.put("vocab_size", 300L).put("max_position_embeddings", (long) POSITIONS));
  }

  private static LoadedWeights weights(Model model) throws IOException {
    return LoadedWeights.frozen(model, TinyModels.source(TinyModels.weights(model, 3)));
  }

  private static CachedReader reader(LoadedWeights weights) {
    return new CachedReader(weights.model(), weights, new ScalarKernels(), Arena.poisoned());
  }

  /** The log-likelihoods of all tokens behind the last of {@code ids}, without a cache. */
  private static double[] slow(LoadedWeights weights, int[] ids) {
    Model model = weights.model();
    try (Tape tape = Tape.off(Arena.unbounded(), new ScalarKernels())) {
      Tensor x = Segment.NOTHING;
      Batch batch = Batch.reading(ids, null);
      for (Segment segment : model.segments().subList(0, model.segments().size() - 1)) {
        x = segment.forward(tape, weights.lease(segment), batch, x);
      }
      var lease = weights.lease(model.head());
      Tensor hidden = model.head().hidden(tape, lease, x.rows(ids.length - 1, 1));
      Tensor z = model.head().logits(tape, lease, hidden);
      double[] logits = new double[z.cols()];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = z.data()[z.offset() + i];
      }
      double log = Math.log(Arrays.stream(logits).map(Math::exp).sum());
      return Arrays.stream(logits).map(v -> v - log).toArray();
    }
  }

  private static double slow(LoadedWeights weights, int[] ids, int from) {
    double sum = 0;
    for (int i = from; i < ids.length; i++) {
      sum += slow(weights, Arrays.copyOf(ids, i))[ids[i]];
    }
    return sum;
  }

  private static int[] tokens(int length, int seed) {
    return new Random(seed).ints(length, 0, 300).toArray();
  }

  private static int[] joined(int[] first, int[] second) {
    return IntStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "gemma3"})
  void beginningsAreReadOnce(String type) throws IOException {
    LoadedWeights weights = weights(model(type));
    CachedReader reader = reader(weights);
    int[] prefix = tokens(60, 1);
    long read = 0;
    for (int i = 2; i < 6; i++) {
      int[] ids = joined(prefix, tokens(3 + i, i));
      double expected = slow(weights, ids, 61);
      assertThat(reader.logLikelihood(ids, 61)).isCloseTo(expected, within(1e-4));
      assertThat(reader.logLikelihood(ids, 61)).as("again").isCloseTo(expected, within(1e-4));
      float[] next = reader.next(ids);
      double[] slow = slow(weights, ids);
      assertThat(next[7] - next[8]).isCloseTo((float) (slow[7] - slow[8]), within(1e-4f));
      read += 3L * ids.length;
    }
    assertThat(reader.tokensRead()).isLessThan(read / 5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "gemma3"})
  void longTextsAreReadInPieces(String type) throws IOException {
    LoadedWeights weights = weights(model(type));
    CachedReader reader = reader(weights);
    int[] ids = tokens(1100, 9);
    assertThat(reader.logLikelihood(ids, 1098)).isCloseTo(slow(weights, ids, 1098), within(1e-3));
    int[] other = joined(Arrays.copyOf(ids, 20), tokens(5, 4));
    assertThat(reader.logLikelihood(other, 3)).isCloseTo(slow(weights, other, 3), within(1e-3));
    assertThat(reader.logLikelihood(ids, 1098)).isCloseTo(slow(weights, ids, 1098), within(1e-3));
  }

  private static Question question(String context, int gold, String... choices) {
    List<Question.Option> options = new ArrayList<>();
    for (String choice : choices) {
      options.add(Question.Option.of(context, choice));
    }
    return new Question(options, gold);
  }

  @Test
  void optionsOfOneAndOfSeveralTokens() throws IOException {
    LoadedWeights weights = weights(model("gpt2"));
    Tokenizer tokenizer = ByteVocabulary.tokenizer(dir);
    MultipleChoice choice =
        new MultipleChoice(
            weights.model(), weights, tokenizer, new ScalarKernels(), Arena.poisoned());
    List<Question> questions =
        List.of(
            question("The one. Answer:", 1, "A", "B", "C"), // space and letter: two bytes
            question("The one. Answer: ", 0, "", "x"),
            question("The two. Answer:", 0, "longer", "a", "\u00e9t\u00e9"));
    List<Answer> answers = new ArrayList<>();
    Score score = choice.ask(questions, (question, answer) -> answers.add(answer));
    assertThat(score.questions()).isEqualTo(3);
    assertThat(score.truncated()).isZero();
    for (int q = 0; q < 3; q++) {
      for (int i = 0; i < questions.get(q).options().size(); i++) {
        Question.Option option = questions.get(q).options().get(i);
        int[] ids = tokenizer.encode(option.context() + option.continuation());
        int from = tokenizer.encode(option.context().stripTrailing()).length;
        assertThat(answers.get(q).scores().get(i))
            .isCloseTo(slow(weights, ids, from), within(1e-4));
      }
    }
  }

  @Test
  void whatIsTooLongLosesItsBeginning() throws IOException {
    Model model = Models.of(TinyModels.gpt2(300, 10, 12, 2, 3));
    LoadedWeights weights = weights(model);
    Tokenizer tokenizer = ByteVocabulary.tokenizer(dir);
    MultipleChoice choice =
        new MultipleChoice(model, weights, tokenizer, new ScalarKernels(), Arena.unbounded());
    List<Answer> answers = new ArrayList<>();
    Score score =
        choice.ask(
            List.of(question("0123456789", 0, "ab", "c"), question("012", 0, "a", "b")),
            (question, answer) -> answers.add(answer));
    assertThat(score.truncated()).isEqualTo(1);
    int[] ids = tokenizer.encode("23456789 ab"); // 11 tokens, of which 10 are read
    assertThat(answers.get(0).scores().get(0)).isCloseTo(slow(weights, ids, 8), within(1e-4));
  }

  @Test
  void lengthsDivideTheScore() {
    Question question = question("q", 1, "ab", "\u00e9\u00e9\u00e9", "a long one");
    Answer answer = Answer.of(question, new double[] {-4, -5, -15});
    assertThat(answer.best()).isZero();
    assertThat(answer.bestByLength()).as("-2, -1.67, -1.5").isEqualTo(2);
    assertThat(answer.bestByBytes()).as("-2, -0.83, -1.5").isEqualTo(1);
    assertThat(Answer.of(question, new double[] {-1, -1, -1}).best()).as("the first").isZero();
  }

  @Test
  void scoresAreSummedUp() {
    Score score = new Score(10, 4, 5, 6, 1).plus(new Score(6, 0, 1, 2, 0));
    assertThat(score).isEqualTo(new Score(16, 4, 6, 8, 1));
    assertThat(score.accuracy()).isEqualTo(0.25);
    assertThat(score.standardError()).isCloseTo(Math.sqrt(0.25 * 0.75 / 15), within(1e-12));
  }

  @Test
  void whatIsNotFiniteIsAnError() throws IOException {
    Model model = model("gpt2");
    var stored = TinyModels.weights(model, 3);
    Objects.requireNonNull(stored.get("transformer.wte.weight")).data()[5] = Float.NaN;
    LoadedWeights weights = LoadedWeights.frozen(model, TinyModels.source(stored));
    assertThatThrownBy(() -> reader(weights).next(new int[] {0, 1}))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> reader(weights).logLikelihood(new int[] {0, 1}, 1))
        .isInstanceOf(ArithmeticException.class);
  }
}
