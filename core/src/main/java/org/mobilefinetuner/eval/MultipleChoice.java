package org.mobilefinetuner.eval;

import java.util.List;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.WeightStore;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.text.Tokenizer;

/** Asks a model questions and counts how often the right option is the likeliest. */
public final class MultipleChoice {
  /** Hears of each answer; may throw to stop. */
  @FunctionalInterface
  public interface Listener {
    void onAnswer(Question question, Answer answer);
  }

  /**
   * How a model answers a question.
   *
   * @param scores log p of each option, in nats
   * @param best the likeliest option; the first of several
   * @param bestByLength the likeliest per character of the choice
   * @param bestByBytes the likeliest per byte of the choice
   */
  public record Answer(List<Double> scores, int best, int bestByLength, int bestByBytes) {
    static Answer of(Question question, double[] scores) {
      int n = scores.length;
      List<Double> nats = new java.util.ArrayList<>();
      double[] byLength = new double[n];
      double[] byBytes = new double[n];
      for (int i = 0; i < n; i++) {
        String choice = question.options().get(i).choice();
        nats.add(scores[i]);
        byLength[i] = scores[i] / Math.max(1, PythonText.length(choice));
        byBytes[i] = scores[i] / Math.max(1, PythonText.bytes(choice));
      }
      return new Answer(List.copyOf(nats), largest(scores), largest(byLength), largest(byBytes));
    }

    private static int largest(double[] values) {
      int best = 0;
      for (int i = 1; i < values.length; i++) {
        best = values[i] > values[best] ? i : best;
      }
      return best;
    }
  }

  /**
   * How many of the questions were answered rightly, by each way to choose.
   *
   * @param truncated questions that were too long for the model and lost their beginning
   */
  public record Score(
      int questions, int right, int rightByLength, int rightByBytes, int truncated) {
    public static final Score NONE = new Score(0, 0, 0, 0, 0);

    public double accuracy() {
      return (double) right / questions;
    }

    public double accuracyByLength() {
      return (double) rightByLength / questions;
    }

    public double accuracyByBytes() {
      return (double) rightByBytes / questions;
    }

    /** Of the accuracy: that of the mean of a sample. */
    public double standardError() {
      double p = accuracy();
      return questions < 2 ? 0 : Math.sqrt(p * (1 - p) / (questions - 1));
    }

    public Score plus(Score other) {
      return new Score(
          questions + other.questions,
          right + other.right,
          rightByLength + other.rightByLength,
          rightByBytes + other.rightByBytes,
          truncated + other.truncated);
    }

    private Score plus(Answer answer, int gold, int cut) {
      return plus(
          new Score(
              1,
              answer.best == gold ? 1 : 0,
              answer.bestByLength == gold ? 1 : 0,
              answer.bestByBytes == gold ? 1 : 0,
              cut));
    }
  }

  private final CachedReader reader;
  private final OptionScorer scorer;

  public MultipleChoice(
      Model model, WeightStore store, Tokenizer tokenizer, Kernels kernels, Arena arena) {
    this.reader = new CachedReader(model, store, kernels, arena);
    this.scorer = new OptionScorer(tokenizer, reader, model.positions());
  }

  /** Tokens that went through the model so far: beginnings that questions share count once. */
  public long tokensRead() {
    return reader.tokensRead();
  }

  /**
   * Asks the questions in their order.
   *
   * @throws ArithmeticException if the model's output is not finite
   */
  public Score ask(List<Question> questions, Listener listener) {
    Score score = Score.NONE;
    for (Question question : questions) {
      int before = scorer.truncated();
      Answer answer = Answer.of(question, scorer.scores(question));
      score = score.plus(answer, question.gold(), scorer.truncated() - before);
      listener.onAnswer(question, answer);
    }
    return score;
  }
}
