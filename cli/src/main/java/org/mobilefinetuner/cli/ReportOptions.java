package org.mobilefinetuner.cli;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Option;

/** Where a run is reported, besides {@code metrics.jsonl}, which every run has. */
final class ReportOptions {
  /** A form of report. */
  enum Sink {
    JSONL,
    TENSORBOARD,
    HTML,
    NONE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--report-to",
      split = ",",
      paramLabel = "WHAT",
      description = {
        "tensorboard for an event file, html for report.html, or none;",
        "metrics.jsonl is always written (default: jsonl,tensorboard,html)."
      })
  private Set<Sink> sinks = EnumSet.of(Sink.JSONL, Sink.TENSORBOARD, Sink.HTML);

  /**
   * @throws IllegalArgumentException if none is given beside others
   */
  void check() {
    if (sinks.contains(Sink.NONE) && sinks.size() > 1) {
      throw new IllegalArgumentException(
          "expected --report-to none or what to report to, found both; leave one out");
    }
  }

  boolean tensorBoard() {
    return sinks.contains(Sink.TENSORBOARD);
  }

  boolean html() {
    return sinks.contains(Sink.HTML);
  }
}
