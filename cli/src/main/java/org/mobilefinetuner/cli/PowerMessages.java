package org.mobilefinetuner.cli;

import java.util.Locale;
import java.util.function.Consumer;
import org.mobilefinetuner.metrics.DeviceReading;
import org.mobilefinetuner.train.TrainingListener;

/** Says how fast a run may be and why, whenever that changes. */
record PowerMessages(Consumer<String> says) implements TrainingListener {
  @Override
  public void onDecision(Decision decision) {
    says.accept(text(decision));
  }

  /** A decision in one line. */
  static String text(Decision decision) {
    String what =
        decision.stop()
            ? "saves and stops"
            : decision.rate() == 0
                ? "waits"
                : String.format(Locale.ROOT, "%.0f %% of full speed", 100 * decision.rate());
    return "Power after step "
        + decision.step()
        + ": "
        + what
        + ", "
        + decision.reason()
        + (decision.policy().equals("none") ? "" : " (" + decision.policy() + ")");
  }

  /** What a run has used, with what that was measured; empty if nothing is known. */
  static String used(DeviceReading reading, int steps, long tokens) {
    if (reading.energyJoules().isEmpty() || steps < 1) {
      return "";
    }
    double joules = reading.energyJoules().getAsDouble();
    return String.format(
        Locale.ROOT,
        "Energy %.1f J, %.2f J/step, %.1f J/1k tokens (%s)",
        joules,
        joules / steps,
        joules / Math.max(1, tokens) * 1000,
        reading.energySource());
  }
}
