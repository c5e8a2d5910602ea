package org.mobilefinetuner.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.ops.CausalAttention;
import org.mobilefinetuner.train.SegmentedBackprop;

/** The perplexity of texts that are longer than a model's context, by a protocol. */
public final class Perplexity {
  /** Short windows are computed together until they have this many tokens. */
  private static final int TOKENS_AT_ONCE = 1024;

  /**
   * What was measured, or has been so far.
   *
   * @param nll the weighted sum of the losses, in nats
   * @param tokens what it is divided by
   * @param windows how many were read
   * @param progress the part of all windows that this is, from 0 to 1
   */
  public record Result(double nll, long tokens, int windows, double progress) {
    /** Nats per token. */
    public double loss() {
      return nll / tokens;
    }

    public double perplexity() {
      return Math.exp(loss());
    }

    /** exp of the loss per word, or per byte. */
    public double perplexityOf(long units) {
      return Math.exp(nll / units);
    }

    public double bitsPerByte(long bytes) {
      return nll / bytes / Math.log(2);
    }
  }

  private final SegmentedBackprop backprop;
  private final PerplexityProtocol protocol;

  public Perplexity(SegmentedBackprop backprop, PerplexityProtocol protocol) {
    this.backprop = backprop;
    this.protocol = protocol;
  }

  /**
   * Measures the texts; no window reaches from one into the next.
   *
   * @param listener is told from time to time; may throw to stop
   */
  public Result of(List<Sequence> texts, Consumer<Result> listener) {
    List<PerplexityWindow> all = new ArrayList<>();
    for (Sequence text : texts) {
      all.addAll(protocol.windows(text.ids(), text.labels()));
    }
    Result result = new Result(0, 0, 0, 0);
    List<PerplexityWindow> some = new ArrayList<>();
    int tokens = 0;
    for (PerplexityWindow window : all) {
      some.add(window);
      tokens += window.ids().length;
      if (tokens + protocol.context() > TOKENS_AT_ONCE) {
        result = add(result, some, all.size());
        listener.accept(result);
        some.clear();
        tokens = 0;
      }
    }
    return some.isEmpty() ? result : add(result, some, all.size());
  }

  private Result add(Result sofar, List<PerplexityWindow> windows, int all) {
    Batch batch = batch(windows);
    backprop.evaluate(batch);
    double nll = sofar.nll;
    long tokens = sofar.tokens;
    int at = 0;
    for (PerplexityWindow window : windows) {
      double sum = 0;
      for (int i = 0; i < window.ids().length; i++) {
        sum += batch.nll()[at++];
      }
      if (window.weight() > 0) {
        nll += sum / PerplexityWindow.count(window.targets()) * window.weight();
        tokens += window.weight();
      }
    }
    int read = sofar.windows + windows.size();
    return new Result(nll, tokens, read, (double) read / all);
  }

  /** The windows one behind the other; the token behind a window's last may be its target. */
  private static Batch batch(List<PerplexityWindow> windows) {
    int[] starts = new int[windows.size() + 1];
    for (int i = 0; i < windows.size(); i++) {
      starts[i + 1] = starts[i] + windows.get(i).ids().length;
    }
    int tokens = starts[windows.size()];
    int[] ids = new int[tokens];
    int[] targets = new int[tokens];
    int[] positions = new int[tokens];
    for (int i = 0; i < windows.size(); i++) {
      PerplexityWindow window = windows.get(i);
      int length = window.ids().length;
      System.arraycopy(window.ids(), 0, ids, starts[i], length);
      System.arraycopy(window.targets(), 0, targets, starts[i], length);
      for (int t = 0; t < length; t++) {
        positions[starts[i] + t] = t;
      }
    }
    return new Batch(
        ids,
        targets,
        positions,
        new CausalAttention.Sequences(starts, null),
        new long[tokens],
        1,
        new float[tokens]);
  }
}
