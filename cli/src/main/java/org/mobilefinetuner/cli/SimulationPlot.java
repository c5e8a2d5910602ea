package org.mobilefinetuner.cli;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.mobilefinetuner.energy.SimulatedDevice.Sample;

/** Battery, temperatures and rate of a simulation over time, one below the other, as SVG. */
final class SimulationPlot {
  private static final int WIDTH = 760;
  private static final int LEFT = 60;
  private static final int RIGHT = 740;
  private static final int HEIGHT = 130; // of a panel
  private static final int GAP = 45;
  private static final int MOST_MARKS = 12;

  private final SimulationTrace trace;
  private final StringBuilder svg = new StringBuilder();
  private int top = 30;

  SimulationPlot(SimulationTrace trace) {
    this.trace = trace;
  }

  /** A page with the plot and the decisions. */
  String html() {
    StringBuilder rows = new StringBuilder();
    for (SimulationTrace.Mark mark : trace.marks()) {
      rows.append("<tr><td>")
          .append(SimulationTrace.time(mark.seconds()))
          .append("</td><td>")
          .append(escaped(PowerMessages.text(mark.decision())))
          .append("</td></tr>\n");
    }
    return """
        <!doctype html>
        <html lang="en"><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Power policies on a simulated device</title>
        <style>body{font:15px system-ui,sans-serif;max-width:800px;margin:2em auto;padding:0 1em;
        color:#222;background:#fff}svg{width:100%%;height:auto}td{padding:.2em .6em}</style>
        <h1>Power policies on a simulated device</h1>
        %s
        <h2>Decisions</h2>
        <table>%s</table>
        </html>
        """
        .formatted(svg(), rows);
  }

  /** The plot alone. */
  String svg() {
    svg.setLength(0);
    top = 30;
    double coolest = 1000;
    double hottest = -1000;
    for (Sample s : trace.samples()) {
      coolest = Math.min(coolest, s.batteryCelsius());
      hottest = Math.max(hottest, s.batteryCelsius());
    }
    panel("Battery, %", 0, 100, "#0b6e4f", Sample::percent);
    panel(
        "Temperature of the battery, °C",
        Math.floor(Math.min(coolest, hottest) - 1),
        Math.ceil(hottest + 1),
        "#c1440e",
        Sample::batteryCelsius);
    panel("Rate, % of full speed", 0, 100, "#1d4e89", s -> 100 * s.load());
    timeAxis();
    return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" \
        font-family="system-ui, sans-serif" font-size="12">
        <title>Battery, temperature and rate of a simulated device over time</title>
        <rect width="100%%" height="100%%" fill="#fff"/>
        %s</svg>
        """
        .formatted(WIDTH, top + 5, svg);
  }

  private void panel(
      String title, double low, double high, String colour, ToDoubleFunction<Sample> value) {
    add(
        String.format(
            Locale.ROOT,
            "<text x='%d' y='%d' font-weight='600' fill='#222'>%s</text>",
            LEFT,
            top - 8,
            title));
    for (int i = 0; i <= 4; i++) {
      double at = low + i * (high - low) / 4;
      double y = y(at, low, high);
      add(String.format(Locale.ROOT, "<path d='M%d %.1fH%d' stroke='#ddd'/>", LEFT, y, RIGHT));
      add(
          String.format(
              Locale.ROOT,
              "<text x='%d' y='%.1f' text-anchor='end' fill='#555'>%s</text>",
              LEFT - 6,
              y + 4,
              at == Math.rint(at)
                  ? String.format(Locale.ROOT, "%.0f", at)
                  : String.format(Locale.ROOT, "%.1f", at)));
    }
    marks();
    StringBuilder line = new StringBuilder();
    List<Sample> samples = trace.samples();
    for (int i = 0; i < samples.size(); i++) {
      line.append(
          String.format(
              Locale.ROOT,
              "%s%.1f %.1f",
              i == 0 ? "M" : "L",
              x(samples.get(i).seconds()),
              y(value.applyAsDouble(samples.get(i)), low, high)));
    }
    add(
        String.format(
            Locale.ROOT,
            "<path d='%s' fill='none' stroke='%s' stroke-width='1.6'/>",
            line,
            colour));
    top += HEIGHT + GAP;
  }

  /** A line for each decision, with its reason for whoever points at it. */
  private void marks() {
    List<SimulationTrace.Mark> marks = trace.marks();
    for (SimulationTrace.Mark mark : marks.subList(0, Math.min(MOST_MARKS, marks.size()))) {
      add(
          String.format(
              Locale.ROOT,
              "<path d='M%.1f %dv%d' stroke='#999' stroke-dasharray='3 3'><title>%s</title></path>",
              x(mark.seconds()),
              top,
              HEIGHT,
              escaped(PowerMessages.text(mark.decision()))));
    }
  }

  private void timeAxis() {
    int y = top - GAP + 16;
    for (int i = 0; i <= 6; i++) {
      double seconds = trace.seconds() * i / 6;
      add(
          String.format(
              Locale.ROOT,
              "<text x='%.1f' y='%d' text-anchor='%s' fill='#555'>%s</text>",
              x(seconds),
              y,
              i == 6 ? "end" : "middle",
              SimulationTrace.time(seconds)));
    }
    top = y + 10;
  }

  private double x(double seconds) {
    return LEFT + (RIGHT - LEFT) * seconds / Math.max(1, trace.seconds());
  }

  private double y(double value, double low, double high) {
    double share = (value - low) / Math.max(1e-9, high - low);
    return top + HEIGHT * (1 - Math.clamp(share, 0.0, 1.0));
  }

  private void add(String element) {
    svg.append(element.replace('\'', '"')).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "’");
  }
}
