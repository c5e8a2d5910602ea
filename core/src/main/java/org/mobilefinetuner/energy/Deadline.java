package org.mobilefinetuner.energy;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The slowest rate, and so the coolest, with which a run still ends in time: what is left to do at
 * full speed over the time that is left. Asked again and again, it makes good what others took.
 */
public final class Deadline implements PowerPolicy {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);

  private final LocalDateTime end;

  public Deadline(LocalDateTime end) {
    this.end = end;
  }

  @Override
  public String name() {
    return "deadline";
  }

  @Override
  public Limit limit(Situation now) {
    double left = Duration.between(now.time(), end).toMillis() * 1e-3;
    double work = now.stepsLeft() * now.stepSeconds();
    if (work <= 0) {
      return Limit.NONE; // not known yet
    }
    String reason =
        String.format(
            Locale.ROOT,
            "%.0f s of work left, %.0f s until %s",
            work,
            Math.max(0, left),
            TIME.format(end));
    return work < left
        ? Limit.slow(Math.max(Limit.SLOWEST, work / left), name(), reason)
        : Limit.slow(1, name(), reason + ": too late");
  }
}
