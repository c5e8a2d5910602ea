package org.mobilefinetuner.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.ops.LinearCrossEntropy;
import org.mobilefinetuner.train.SegmentedBackprop;

/**
 * The perplexity of texts that are longer than a model's context: exp of the mean loss per token,
 * over windows.
 *
 * <p>The protocol of Hugging Face's page "Perplexity of fixed-length models". A window of {@code
 * context} tokens moves on by {@code stride}; each token is scored in the first window that it is
 * in. A window that overlaps the one before counts with one token less than it scores: so does the
 * original, and numbers are only comparable if everyone does.
 */
public final class Perplexity {
  /** Short windows are computed together until they have this many tokens. */
  private static final int TOKENS_AT_ONCE = 1024;

  /**
   * What was measured, or has been so far.
   *
   * @param nll the weighted sum of the losses
   * @param tokens what it is divided by
   */
  public record Result(double nll, long tokens, int windows) {
    /** Nats per token. */
    public double loss() {
      return nll / tokens;
    }

    public double perplexity() {
      return Math.exp(loss());
    }
  }

  private record Window(Sequence sequence, boolean overlapping) {}

  private final SegmentedBackprop backprop;
  private final int context;
  private final int stride;

  /**
   * @param context tokens of a window, at most as many as the model has positions
   * @param stride tokens from one window to the next
   */
  public Perplexity(SegmentedBackprop backprop, int context, int stride) {
    if (context < 2 || stride < 1 || stride > context) {
      throw new IllegalArgumentException(
          "expected a context of at least 2 tokens and a stride of 1 to as many, found "
              + context
              + " and "
              + stride);
    }
    this.backprop = backprop;
    this.context = context;
    this.stride = stride;
  }

  /**
   * The text of a file as the protocol reads WikiText: each line with its line break is a row,
   * empty if it is blank, and the rows are joined by two line breaks.
   */
  public static String joinedRows(String text) {
    StringBuilder joined = new StringBuilder();
    for (int at = 0; at < text.length(); ) {
      int end = text.indexOf('\n', at);
      end = end < 0 ? text.length() : end + 1;
      String row = text.substring(at, end);
      joined.append(at == 0 ? "" : "\n\n").append(row.strip().isEmpty() ? "" : row);
      at = end;
    }
    return joined.toString();
  }

  /**
   * Measures the texts; no window reaches from one into the next.
   *
   * @param listener is told from time to time
   */
  public Result of(List<Sequence> texts, Consumer<Result> listener) {
    Result result = new Result(0, 0, 0);
    List<Window> some = new ArrayList<>();
    int tokens = 0;
    for (Sequence text : texts) {
      int length = text.ids().length;
      for (int begin = 0, scored = 0; scored < length; begin += stride) {
        int end = Math.min(begin + context, length);
        some.add(window(text, begin, scored, end));
        scored = end;
        tokens += end - begin;
        if (tokens + context > TOKENS_AT_ONCE) {
          result = add(result, some);
          listener.accept(result);
          some.clear();
          tokens = 0;
        }
      }
    }
    return some.isEmpty() ? result : add(result, some);
  }

  private static Window window(Sequence text, int begin, int scored, int end) {
    int[] ids = Arrays.copyOfRange(text.ids(), begin, end);
    int[] labels = Arrays.copyOfRange(text.labels(), begin, end);
    Arrays.fill(labels, 0, scored - begin, LinearCrossEntropy.IGNORE);
    return new Window(new Sequence(text.id(), ids, labels), begin < scored);
  }

  private Result add(Result sofar, List<Window> windows) {
    List<Sequence> sequences = new ArrayList<>();
    windows.forEach(window -> sequences.add(window.sequence));
    Batch batch = Batch.of(sequences, 1);
    backprop.evaluate(batch);
    double nll = sofar.nll;
    long tokens = sofar.tokens;
    int at = 0;
    for (Window window : windows) {
      double sum = 0;
      for (int i = 0; i < window.sequence.ids().length; i++) {
        sum += batch.nll()[at++];
      }
      int supervised = window.sequence.supervised();
      int weight = window.overlapping ? supervised - 1 : supervised;
      if (weight > 0) {
        nll += sum / supervised * weight;
        tokens += weight;
      }
    }
    return new Result(nll, tokens, sofar.windows + windows.size());
  }
}
