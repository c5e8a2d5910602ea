package org.mobilefinetuner.cli;

import java.util.List;
import java.util.Locale;
import org.mobilefinetuner.energy.SimulatedDevice;
import org.mobilefinetuner.train.TrainingListener;

/**
 * What has become of a simulated device.
 *
 * @param samples at equal distances of time
 * @param marks the decisions
 * @param steps that were made
 * @param seconds that passed
 */
record SimulationTrace(
    List<SimulatedDevice.Sample> samples, List<Mark> marks, int steps, double seconds) {
  /** A decision and when it was made. */
  record Mark(double seconds, TrainingListener.Decision decision) {}

  /** As {@code csv}, {@code svg} or {@code html}. */
  String text(String form) {
    return switch (form) {
      case "csv" -> csv();
      case "svg" -> new SimulationPlot(this).svg();
      default -> new SimulationPlot(this).html();
    };
  }

  private String csv() {
    StringBuilder text = new StringBuilder("seconds,battery_pct,battery_temp_c,cpu_temp_c,rate\n");
    for (SimulatedDevice.Sample s : samples) {
      text.append(
          String.format(
              Locale.ROOT,
              "%.1f,%.3f,%.3f,%.3f,%.4f%n",
              s.seconds(),
              s.percent(),
              s.batteryCelsius(),
              s.cpuCelsius(),
              s.load()));
    }
    return text.toString();
  }

  /** Hours, minutes and seconds. */
  static String time(double seconds) {
    long whole = Math.round(seconds);
    return String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
}
