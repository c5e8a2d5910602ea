package org.mobilefinetuner.cli;

import java.io.Closeable;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.metrics.ProcessMemory;
import org.mobilefinetuner.train.TrainingListener;

/** Shows a run: a progress bar on a terminal, else a line for each line of its log. */
final class TrainProgress implements TrainingListener, Closeable {
  private final PrintWriter out;
  private final @Nullable ProgressBar bar;
  private final ProcessMemory memory = new ProcessMemory();

  /**
   * @param terminal whether {@code out} is one
   * @param steps of the run
   */
  TrainProgress(PrintWriter out, boolean terminal, int steps) {
    this.out = out;
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
    if (bar != null) {
      bar.setExtraMessage(
          String.format(
              Locale.ROOT,
              " loss %.3f  %.0f tok/s  %s",
              step.loss(),
              step.tokens() / (step.elapsedNanos() * 1e-9),
              Bytes.megabytes(memory.residentBytes().orElse(0))));
      bar.stepTo(step.step());
    }
  }

  /** A line of the log; those of steps are shown where there is no bar. */
  void onLine(JsonObject line) {
    if (bar == null && line.has("loss")) {
      out.println(text(line));
      out.flush();
    }
  }

  private static String text(JsonObject line) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "Iter %d: Train loss %.3f, Learning Rate %.3e, It/sec %.3f, Tokens/sec %.1f, "
                    + "Trained Tokens %.0f, Peak mem %.3f GB",
                (int) of(line, "step"),
                of(line, "loss"),
                of(line, "learning_rate"),
                1000 / of(line, "time_step_ms"),
                of(line, "train_tokens_per_second"),
                of(line, "num_input_tokens_seen"),
                of(line, "mem_rss_peak_bytes") * 1e-9));
    append(text, line, "energy_joules", ", %.0f J");
    append(text, line, "temp_c", ", %.1f °C");
    append(text, line, "battery_pct", ", battery %.0f %%");
    if (of(line, "eta_seconds") > 0) {
      text.append(", ETA ").append(time(of(line, "eta_seconds")));
    }
    return text.toString();
  }

  private static void append(StringBuilder text, JsonObject line, String key, String format) {
    if (line.has(key)) {
      text.append(String.format(Locale.ROOT, format, of(line, key)));
    }
  }

  private static double of(JsonObject line, String key) {
    return line.get(key) instanceof Number number ? number.doubleValue() : 0;
  }

  /** {@code seconds} as hours, minutes and seconds, as many of them as there are. */
  static String time(double seconds) {
    Duration left = Duration.ofSeconds(Math.round(seconds));
    return left.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", left.toHours(), left.toMinutesPart(), left.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", left.toMinutes(), left.toSecondsPart());
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    say(
        String.format(
            Locale.ROOT,
            "Iter %d: Val loss %.3f, Val perplexity %.3f, Val took %.1f s%s",
            evaluation.step(),
            evaluation.loss(),
            evaluation.perplexity(),
            evaluation.elapsedNanos() * 1e-9,
            evaluation.best() ? ", best so far" : ""));
  }

  @Override
  public void onWarning(Warning warning) {
    say("Iter " + warning.step() + ": Warning: " + warning.message() + "; " + warning.advice());
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
