package org.mobilefinetuner.export;

import java.io.IOException;
import java.util.Locale;
import org.mobilefinetuner.io.GgmlType;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.ForwardPass;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Compares the logits of what was exported with those of what it was made from.
 *
 * <p>A few tokens are read by both. What counts is the Euclidean length of the difference over that
 * of the logits, each row less its mean, which a softmax does not see.
 */
public final class LogitCheck {
  private static final int TOKENS = 16;
  private static final long SEED = 4;

  /**
   * What a comparison has found.
   *
   * @param error the relative difference
   * @param effect the same between the base with and without its adapter, 0 without one
   * @param bound what the error may be
   */
  public record Report(double error, double effect, double bound) {
    /** Whether the export is what it should be. */
    public boolean passed() {
      return error <= bound; // false for NaN
    }

    /** Whether rounding has changed the logits by more than half of what the adapter does. */
    public boolean blurred() {
      return effect > 0 && error > effect / 2;
    }
  }

  /** What rounding to a type may do to the logits. */
  static double bound(GgmlType type) {
    return switch (type) {
      case F32 -> 1e-4;
      case F16 -> 1e-2;
      default -> 5e-2;
    };
  }

  private final LoadedWeights base;
  private final Kernels kernels;
  private final int[] ids;
  private final Tensor wanted;
  private final double effect;

  /**
   * Computes what is to be expected.
   *
   * @param weights the model, with an adapter or without
   */
  public LogitCheck(LoadedWeights weights, LoadedWeights withoutAdapter, Kernels kernels) {
    this.base = weights;
    this.kernels = kernels;
    Model model = weights.model();
    ids = new int[Math.min(TOKENS, model.positions())];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) (Draws.uniform(Draws.key(SEED, i)) * model.vocabulary());
    }
    wanted = logits(weights);
    effect = weights.adapters().isEmpty() ? 0 : difference(logits(withoutAdapter), wanted);
  }

  /** How far the exported weights, loaded again, are from those that were exported. */
  public Report compare(LoadedWeights exported, double bound) {
    return new Report(difference(logits(exported), wanted), effect, bound);
  }

  /**
   * The same.
   *
   * @throws IOException if the difference is above the bound
   */
  public Report require(String what, LoadedWeights exported, double bound) throws IOException {
    Report report = compare(exported, bound);
    if (!report.passed()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s, loaded again: expected the logits of %s within %.1e, found a difference of %.1e;"
                  + " nothing was written, report this as a bug or use a more exact type",
              what,
              base.adapters().isEmpty() ? "the model" : "base and adapter",
              bound,
              report.error));
    }
    return report;
  }

  /** The logits of all tokens, [T, V]. */
  private Tensor logits(LoadedWeights weights) {
    var pass = new ForwardPass(base.model(), weights, kernels, Arena.unbounded());
    return pass.logits(Batch.reading(ids, null));
  }

  private static double difference(Tensor found, Tensor wanted) {
    double error = 0;
    double length = 0;
    for (int row = 0; row < wanted.rows(); row++) {
      Tensor f = found.rows(row, 1);
      Tensor w = wanted.rows(row, 1);
      double shift = mean(f) - mean(w);
      double mean = mean(w);
      for (int i = 0; i < w.size(); i++) {
        double value = w.data()[w.offset() + i];
        double delta = f.data()[f.offset() + i] - value - shift;
        error += delta * delta;
        length += (value - mean) * (value - mean);
      }
    }
    return error == 0 ? 0 : Math.sqrt(error / length);
  }

  private static double mean(Tensor row) {
    double sum = 0;
    for (int i = 0; i < row.size(); i++) {
      sum += row.data()[row.offset() + i];
    }
    return sum / row.size();
  }
}
