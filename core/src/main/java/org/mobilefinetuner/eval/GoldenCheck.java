package org.mobilefinetuner.eval;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Gradients;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.Segment;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.train.SegmentedBackprop;

/**
 * The difference between what this engine computes and what a golden file says: logits, hidden
 * states, losses, and the gradient of every trainable weight.
 *
 * <p>Everything goes the way of training: all rows in one ragged batch, gradients by {@link
 * SegmentedBackprop}, nothing drawn at random. Values in the file that the model does not compute
 * fail; values that the file lacks are listed and do not count.
 */
public final class GoldenCheck {
  private static final double VALUES = 1e-4;
  private static final double LOSS = 1e-5;
  private static final double GRADIENTS = 1e-4;
  private static final int LOGIT_ROWS = 64; // logits of these many tokens exist at a time
  private static final String PEFT_PREFIX = "base_model.model.";

  /** What became of a quantity. */
  public enum Verdict {
    PASS("pass"),
    FAIL("fail"),
    NOT_IN_FILE("not in file");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * A compared quantity.
   *
   * @param quantity its name in the file; gradients by the model's name for the weight
   * @param maxError the largest absolute difference, NaN where nothing was compared
   * @param relativeError the same divided by the reference's largest magnitude
   * @param bound how much the error may be
   * @param relative whether the bound is on the relative error
   */
  public record Row(
      String quantity,
      double maxError,
      double relativeError,
      double bound,
      boolean relative,
      Verdict verdict) {}

  /** All quantities, first those of the model's output, then the gradients. */
  public record Report(List<Row> rows) {
    public Report {
      rows = List.copyOf(rows);
    }

    /** Whether something was compared and nothing failed. */
    public boolean passed() {
      return count(Verdict.FAIL) == 0 && count(Verdict.PASS) > 0;
    }

    public int count(Verdict verdict) {
      int count = 0;
      for (Row row : rows) {
        count += row.verdict == verdict ? 1 : 0;
      }
      return count;
    }
  }

  private final Model model;
  private final LoadedWeights weights;
  private final Kernels kernels;
  private final GoldenFile golden;
  private final Arena arena = Arena.unbounded();
  private final List<Row> rows = new ArrayList<>();

  private GoldenCheck(LoadedWeights weights, Kernels kernels, GoldenFile golden) {
    this.model = weights.model();
    this.weights = weights;
    this.kernels = kernels;
    this.golden = golden;
  }

  /**
   * Compares a model, with its adapters if it has some, with a golden file.
   *
   * @throws org.mobilefinetuner.io.FormatException if the file has no tokens, or shapes of another
   *     model
   */
  public static Report run(LoadedWeights weights, Safetensors golden, Kernels kernels)
      throws IOException {
    var check = new GoldenCheck(weights, kernels, GoldenFile.read(golden, weights.model()));
    check.forward();
    check.backward();
    return new Report(check.rows);
  }

  /** Logits and hidden states, segment by segment. */
  private void forward() throws IOException {
    List<Segment> segments = model.segments();
    Batch batch = golden.batch();
    Tensor x = Segment.NOTHING;
    List<Row> hidden = new ArrayList<>();
    for (int i = 0; i < segments.size() - 1; i++) {
      try (var lease = weights.lease(segments.get(i));
          Tape tape = Tape.off(arena, kernels)) {
        Tensor y = segments.get(i).forward(tape, lease, batch, x);
        if (i > 0) {
          arena.give(x);
        }
        x = arena.take(batch.tokens(), model.width()).copyFrom(y);
      }
      if (i < segments.size() - 2) {
        hidden.add(hidden(i, x));
      }
    }
    try (var lease = weights.lease(model.head());
        Tape tape = Tape.off(arena, kernels)) {
      Tensor normed = model.head().hidden(tape, lease, x);
      hidden.add(hidden(segments.size() - 2, normed));
      Difference logits = new Difference();
      if (golden.has("logits")) {
        Tensor reference = golden.perToken("logits", model.vocabulary());
        for (int from = 0; from < batch.tokens(); from += LOGIT_ROWS) {
          int count = Math.min(LOGIT_ROWS, batch.tokens() - from);
          try (Tape scratch = Tape.off(arena, kernels)) {
            addTokens(
                logits,
                model.head().logits(scratch, lease, normed.rows(from, count)),
                from,
                reference);
          }
        }
      }
      rows.add(logits.row("logits", VALUES, false));
    }
    arena.give(x);
    rows.addAll(hidden);
    for (String name : golden.names()) {
      if (name.startsWith("hidden.") && hidden.stream().noneMatch(r -> r.quantity.equals(name))) {
        rows.add(notComputed(name, VALUES, false));
      }
    }
  }

  private Row hidden(int number, Tensor ours) throws IOException {
    String name = "hidden." + number;
    Difference difference = new Difference();
    if (golden.has(name)) {
      addTokens(difference, ours, 0, golden.perToken(name, model.width()));
    }
    return difference.row(name, VALUES, false);
  }

  /** Compares row i of {@code ours} with the reference of token {@code from + i}. */
  private void addTokens(Difference difference, Tensor ours, int from, Tensor reference) {
    for (int i = 0; i < ours.rows(); i++) {
      difference.add(ours.rows(i, 1), reference.rows(golden.place(from + i), 1));
    }
  }

  /** Losses, and the gradients of what is trainable. */
  private void backward() throws IOException {
    Batch batch = golden.batch();
    List<Parameter> parameters = weights.parameters();
    Gradients gradients = new Gradients(parameters);
    var backprop =
        new SegmentedBackprop(
            model,
            weights,
            weights.lowestTrainable(),
            kernels,
            arena,
            SegmentedBackprop.Keep.INPUT);
    if (parameters.isEmpty()) {
      backprop.evaluate(batch);
    } else {
      backprop.step(batch, gradients);
    }
    losses(batch);
    gradients(parameters, gradients);
  }

  private void losses(Batch batch) throws IOException {
    Difference tokens = new Difference();
    Difference mean = new Difference();
    if (golden.has("token_nll")) {
      Tensor reference = golden.losses();
      for (int i = 0; i < batch.tokens(); i++) {
        int place = golden.lossPlace(i);
        if (place >= 0) {
          tokens.add(batch.nll()[i], reference.data()[reference.offset() + place]);
        }
      }
      if (golden.supervised() > 0) {
        double sum = 0;
        for (int i = 0; i < reference.size(); i++) {
          sum += reference.data()[reference.offset() + i];
        }
        mean.add(batch.totalNll() / golden.supervised(), sum / golden.supervised());
      }
    }
    rows.add(tokens.row("token_nll", VALUES, false));
    rows.add(mean.row("loss", LOSS, false));
  }

  private void gradients(List<Parameter> parameters, Gradients gradients) throws IOException {
    Map<String, String> inFile = new HashMap<>();
    for (String name : golden.names()) {
      if (name.startsWith("grad.")) {
        String canonical = canonical(name.substring("grad.".length()));
        if (canonical != null) {
          inFile.put(canonical, name);
        }
      }
    }
    for (Parameter p : parameters) {
      String canonical = String.valueOf(canonical(p.name()));
      String name = inFile.remove(canonical);
      Difference difference = new Difference();
      if (name != null) {
        Tensor ours = gradients.of(p);
        difference.add(
            ours != null ? ours : Tensor.zeros(p.value().shape()),
            golden.gradient(name, p.value().shape()));
      }
      rows.add(difference.row("grad." + canonical, GRADIENTS, true));
    }
    inFile.keySet().stream()
        .sorted()
        .forEach(name -> rows.add(notComputed("grad." + name, GRADIENTS, true)));
  }

  /**
   * A weight's name as the model and PEFT's files have it; null if the model has no such weight.
   */
  private @Nullable String canonical(String name) {
    boolean wrapped = name.startsWith(PEFT_PREFIX);
    return model.canonicalName(wrapped ? name.substring(PEFT_PREFIX.length()) : name);
  }

  private static Row notComputed(String quantity, double bound, boolean relative) {
    return new Row(quantity, Double.NaN, Double.NaN, bound, relative, Verdict.FAIL);
  }

  /** The largest difference between values and their references, added piece by piece. */
  private static final class Difference {
    private double error;
    private double magnitude;
    private long compared;

    void add(double ours, double reference) {
      error = Math.max(error, Math.abs(ours - reference)); // NaN stays
      magnitude = Math.max(magnitude, Math.abs(reference));
      compared++;
    }

    void add(Tensor ours, Tensor reference) {
      for (int i = 0; i < ours.size(); i++) {
        add(ours.data()[ours.offset() + i], reference.data()[reference.offset() + i]);
      }
    }

    Row row(String quantity, double bound, boolean relative) {
      if (compared == 0) {
        return new Row(quantity, Double.NaN, Double.NaN, bound, relative, Verdict.NOT_IN_FILE);
      }
      double ratio = error == 0 ? 0 : error / magnitude;
      boolean within = (relative ? ratio : error) <= bound; // false for NaN
      return new Row(quantity, error, ratio, bound, relative, within ? Verdict.PASS : Verdict.FAIL);
    }
  }
}
