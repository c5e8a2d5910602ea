package org.mobilefinetuner.app;

import android.content.res.ColorStateList;
import android.graphics.Typeface;
import android.text.TextUtils;
import android.view.View;
import android.widget.Button;
import android.widget.LinearLayout;
import android.widget.ProgressBar;
import android.widget.TextView;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.android.FineTuningResult;

/** The run that is being made: its loss, what it takes, and what can be done about it. */
final class RunPanel {
  /** What the panel asks the activity for. */
  interface Actions {
    void pause();

    void resume();

    void stop();
  }

  private final Ui ui;
  private final LinearLayout card;
  private final TextView status;
  private final ProgressBar progress;
  private final LossChart chart;
  private final TextView speed;
  private final TextView left;
  private final TextView memory;
  private final TextView temperature;
  private final TextView battery;
  private final TextView duty;
  private final TextView reason;
  private final Button pause;
  private final LinearLayout buttons;
  private final LinearLayout figures;
  private boolean paused;

  RunPanel(Ui ui, Actions actions) {
    this.ui = ui;
    status = ui.body("Nothing is being trained.");
    status.setAccessibilityLiveRegion(View.ACCESSIBILITY_LIVE_REGION_POLITE);
    progress = new ProgressBar(ui.context(), null, android.R.attr.progressBarStyleHorizontal);
    progress.setProgressTintList(ColorStateList.valueOf(ui.colors().accent()));
    progress.setProgressBackgroundTintList(ColorStateList.valueOf(ui.colors().line()));
    chart = new LossChart(ui);
    speed = value();
    left = value();
    memory = value();
    temperature = value();
    battery = value();
    duty = value();
    reason = ui.small("");
    reason.setTextColor(ui.colors().warning());
    pause = ui.primary("Pause", () -> change(actions));
    buttons = ui.row(pause, ui.secondary("Stop", actions::stop));
    LinearLayout device =
        ui.row(
            figure("Battery", battery),
            figure("Temperature", temperature),
            figure("Duty cycle", duty));
    device.setPadding(0, ui.dp(8), 0, 0);
    figures =
        ui.column(
            ui.row(figure("Tokens/s", speed), figure("Time left", left), figure("Memory", memory)),
            device);
    card = ui.card("This run", status, progress, chart, figures, reason, buttons);
  }

  View view() {
    return card;
  }

  private void change(Actions actions) {
    if (paused) {
      actions.resume();
    } else {
      actions.pause();
    }
  }

  private TextView value() {
    TextView value = ui.text("\u2013", 17, ui.colors().ink());
    value.setTypeface(Typeface.DEFAULT_BOLD);
    value.setSingleLine(true);
    value.setEllipsize(TextUtils.TruncateAt.END);
    return value;
  }

  /** A number under its name, read as one. */
  private LinearLayout figure(String name, TextView value) {
    LinearLayout figure = ui.column(ui.small(name), value);
    figure.setBackground(ui.rounded(ui.colors().background(), 12));
    figure.setPadding(ui.dp(12), ui.dp(10), ui.dp(8), ui.dp(10));
    figure.setScreenReaderFocusable(true);
    return figure;
  }

  /** Shows a run, or that there is none. */
  void show(RunHistory.@Nullable Moment run) {
    boolean active = run != null && run.outcome() == null;
    buttons.setVisibility(active ? View.VISIBLE : View.GONE);
    progress.setVisibility(run == null ? View.GONE : View.VISIBLE);
    chart.setVisibility(run == null ? View.GONE : View.VISIBLE);
    figures.setVisibility(run == null ? View.GONE : View.VISIBLE);
    if (run == null) {
      reason.setVisibility(View.GONE);
      return;
    }
    paused = run.paused();
    pause.setText(paused ? "Resume" : "Pause");
    status.setText(status(run));
    progress.setIndeterminate(run.steps() == 0 && active);
    progress.setMax(Math.max(1, run.steps()));
    progress.setProgress(run.step());
    chart.show(List.of(run.curve()), run.steps());
    boolean stepped = run.tokensPerSecond() > 0;
    speed.setText(
        stepped ? String.format(Locale.getDefault(), "%,.0f", run.tokensPerSecond()) : "\u2013");
    left.setText(active && stepped ? duration(run.secondsLeft()) : "\u2013");
    memory.setText(
        run.residentBytes().isPresent()
            ? run.residentBytes().getAsLong() / 1_000_000 + " MB"
            : "\u2013");
    battery.setText(number(run.device().batteryPercent(), "%.0f %%"));
    temperature.setText(number(run.device().batteryCelsius(), "%.1f \u00b0C"));
    duty.setText(String.format(Locale.getDefault(), "%.0f %%", 100 * run.rate()));
    reason.setText(run.reason().isEmpty() ? "" : "Slowed down: " + run.reason());
    reason.setVisibility(active && !run.reason().isEmpty() ? View.VISIBLE : View.GONE);
  }

  private static String status(RunHistory.Moment run) {
    FineTuningResult outcome = run.outcome();
    String steps = String.format(Locale.getDefault(), "step %d of %d", run.step(), run.steps());
    if (outcome == null) {
      return run.steps() == 0
          ? "Reading the model and the examples\u2026"
          : (run.paused() ? "Paused at " : "Training, ") + steps;
    }
    return switch (outcome.end()) {
      case FINISHED -> "Finished after " + run.steps() + " steps";
      case STOPPED -> "Stopped at " + steps + "; saved, and can go on";
      case FAILED -> "Failed: " + failure(outcome);
    };
  }

  private static String failure(FineTuningResult outcome) {
    @Nullable Throwable failure = outcome.failure();
    return failure == null || failure.getMessage() == null
        ? String.valueOf(failure)
        : failure.getMessage();
  }

  private static String number(OptionalDouble number, String format) {
    return number.isPresent()
        ? String.format(Locale.getDefault(), format, number.getAsDouble())
        : "\u2013";
  }

  private static String duration(double seconds) {
    if (Double.isNaN(seconds)) {
      return "\u2013";
    }
    long whole = Math.round(seconds);
    return whole >= 3600
        ? whole / 3600 + " h " + whole % 3600 / 60 + " min"
        : whole >= 60 ? whole / 60 + " min " + whole % 60 + " s" : whole + " s";
  }
}
