package org.mobilefinetuner.testkit;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.eval.GoldenCheck;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;

/**
 * A model folder beside what a reference implementation computed with it: the check that a new
 * architecture, or a new backend, computes the same.
 */
public final class Golden {
  private Golden() {}

  /**
   * Compares and fails with a table of what differs.
   *
   * @param model a model folder
   * @param adapter a PEFT adapter folder, or null: then all weights are trainable
   * @param golden the reference values
   * @throws AssertionError if a quantity differs by more than its bound, or none is compared
   */
  public static GoldenCheck.Report check(
      Path model, @Nullable Path adapter, Path golden, Kernels kernels) throws IOException {
    GoldenCheck.Report report = compare(model, adapter, golden, kernels);
    if (!report.passed()) {
      throw new AssertionError(golden + "\n" + table(report));
    }
    return report;
  }

  /** Compares. */
  public static GoldenCheck.Report compare(
      Path model, @Nullable Path adapter, Path golden, Kernels kernels) throws IOException {
    try (ModelFolder folder = ModelFolder.open(model);
        Safetensors file = Safetensors.open(golden)) {
      LoadedWeights weights = adapter == null ? folder.trainable() : folder.adapted(adapter);
      return GoldenCheck.run(weights, file, kernels);
    }
  }

  /** A line for each quantity that was compared. */
  public static String table(GoldenCheck.Report report) {
    StringBuilder table = new StringBuilder();
    for (GoldenCheck.Row row : report.rows()) {
      if (row.verdict() != GoldenCheck.Verdict.NOT_IN_FILE) {
        table.append(
            String.format(
                "%-50s %9.2e %9.2e  %s %.0e  %s%n",
                row.quantity(),
                row.maxError(),
                row.relativeError(),
                row.relative() ? "relative" : "absolute",
                row.bound(),
                row.verdict()));
      }
    }
    return table.toString();
  }
}
