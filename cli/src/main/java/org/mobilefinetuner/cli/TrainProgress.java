package org.mobilefinetuner.cli;

import java.io.Closeable;
import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.ProcessMemory;
import org.mobilefinetuner.train.TrainingListener;

/** Shows a run: a progress bar on a terminal, else one line for every so many steps. */
final class TrainProgress implements TrainingListener, Closeable {
  private final PrintWriter out;
  private final @Nullable ProgressBar bar;
  private final int loggingSteps;
  private final int steps;
  private final ProcessMemory memory = new ProcessMemory();
  private double lossSum;
  private int count;
  private long tokens;
  private long nanos;

  /**
   * @param terminal whether {@code out} is one
   */
  TrainProgress(PrintWriter out, boolean terminal, int steps, int loggingSteps) {
    this.out = out;
    this.loggingSteps = loggingSteps;
    this.steps = steps;
    this.bar =
        terminal
            ? new ProgressBarBuilder()
                .setTaskName("train")
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(
                    new me.tongfei.progressbar.ConsoleProgressBarConsumer(
                        System.out, Terminal.columns()))
                .build()
            : null;
  }

  @Override
  public void onStep(Step step) {
    lossSum += step.loss();
    count++;
    tokens += step.tokens();
    nanos += step.elapsedNanos();
    if (bar != null) {
      bar.setExtraMessage(
          String.format(
              Locale.ROOT, " loss %.3f  %.0f tok/s", step.loss(), tokens / (nanos * 1e-9)));
      bar.stepTo(step.step());
    }
    if (step.step() % loggingSteps != 0 && step.step() != steps) {
      return;
    }
    if (bar == null) {
      out.printf(
          Locale.ROOT,
          "Iter %d: Train loss %.3f, Learning Rate %.3e, It/sec %.3f, Tokens/sec %.1f, "
              + "Trained Tokens %d, Peak mem %.3f GB%n",
          step.step(),
          lossSum / count,
          step.learningRate(),
          count / (nanos * 1e-9),
          tokens / (nanos * 1e-9),
          step.tokensSeen(),
          memory.peakResidentBytes().orElse(0) * 1e-9);
      out.flush();
    }
    lossSum = 0;
    count = 0;
    tokens = 0;
    nanos = 0;
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    String line =
        String.format(
            Locale.ROOT,
            "Iter %d: Val loss %.3f, Val perplexity %.3f, Val took %.1f s%s",
            evaluation.step(),
            evaluation.loss(),
            evaluation.perplexity(),
            evaluation.elapsedNanos() * 1e-9,
            evaluation.best() ? ", best so far" : "");
    say(line);
  }

  /** Prints a line, above the bar if there is one. */
  void say(String line) {
    out.println(
        bar == null
            ? line
            : "\r" + line + " ".repeat(Math.max(0, Terminal.columns() - line.length())));
    out.flush();
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
