package org.mobilefinetuner.eval;

import java.util.Arrays;
import java.util.List;
import org.mobilefinetuner.text.Tokenizer;

/**
 * The log-likelihood of each option of a question, as lm-eval computes it.
 *
 * <p>Context and continuation are tokenised together, after spaces at the context's end have moved
 * to the continuation; the continuation's tokens are those that follow as many as the context alone
 * has. What is too long for the model loses its first tokens. Options of one token behind the same
 * context take one pass for all.
 */
final class OptionScorer {
  private final Tokenizer tokenizer;
  private final CachedReader reader;
  private final int positions;
  private int truncated;

  OptionScorer(Tokenizer tokenizer, CachedReader reader, int positions) {
    this.tokenizer = tokenizer;
    this.reader = reader;
    this.positions = positions;
  }

  /** Questions of which tokens were left out. */
  int truncated() {
    return truncated;
  }

  /** Nats, one for each option. */
  double[] scores(Question question) {
    List<Question.Option> options = question.options();
    Encoded[] encoded = new Encoded[options.size()];
    boolean cut = false;
    for (int i = 0; i < encoded.length; i++) {
      Encoded whole = encode(options.get(i));
      encoded[i] = whole.atMost(positions + 1); // the last token is not read
      cut |= encoded[i].ids.length < whole.ids.length;
    }
    truncated += cut ? 1 : 0;
    return differInOneToken(encoded) ? together(encoded) : oneByOne(encoded);
  }

  private double[] oneByOne(Encoded[] options) {
    double[] scores = new double[options.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = reader.logLikelihood(options[i].ids, options[i].from);
    }
    return scores;
  }

  private double[] together(Encoded[] options) {
    int from = options[0].from;
    float[] logits = reader.next(Arrays.copyOf(options[0].ids, from));
    double max = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - max);
    }
    double log = max + Math.log(sum);
    double[] scores = new double[options.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = logits[options[i].ids[from]] - log;
    }
    return scores;
  }

  private static boolean differInOneToken(Encoded[] options) {
    int from = options[0].from;
    int[] first = Arrays.copyOf(options[0].ids, from);
    for (Encoded option : options) {
      if (option.ids.length != from + 1
          || option.from != from
          || !Arrays.equals(Arrays.copyOf(option.ids, from), first)) {
        return false;
      }
    }
    return true;
  }

  /**
   * @param from the first token of the continuation
   */
  private record Encoded(int[] ids, int from) {
    Encoded atMost(int length) {
      int drop = ids.length - length;
      return drop <= 0
          ? this
          : new Encoded(Arrays.copyOfRange(ids, drop, ids.length), Math.max(1, from - drop));
    }
  }

  private Encoded encode(Question.Option option) {
    String context = option.context();
    String all = context + option.continuation();
    int[] before =
        tokenizer.encode(
            context.substring(0, PythonText.lengthWithoutTrailingSpace(context)), true);
    int[] ids = tokenizer.encode(all, true);
    if (before.length == 0 || before.length >= ids.length) {
      throw new IllegalArgumentException(
          "expected tokens before and in the answer, found "
              + before.length
              + " before and "
              + ids.length
              + " in all of \""
              + all
              + "\"");
    }
    return new Encoded(ids, before.length);
  }
}
