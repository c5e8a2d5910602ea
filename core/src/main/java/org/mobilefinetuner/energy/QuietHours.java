package org.mobilefinetuner.energy;

import java.time.LocalTime;

/** A run waits between two times of the day; the second may be on the next day. */
public final class QuietHours implements PowerPolicy {
  private final LocalTime from;
  private final LocalTime to;

  public QuietHours(LocalTime from, LocalTime to) {
    if (from.equals(to)) {
      throw new IllegalArgumentException(
          "expected two different times for --quiet-hours, found " + from + " twice");
    }
    this.from = from;
    this.to = to;
  }

  @Override
  public String name() {
    return "quiet-hours";
  }

  @Override
  public Limit limit(Situation now) {
    LocalTime time = now.time().toLocalTime();
    boolean after = !time.isBefore(from);
    boolean before = time.isBefore(to);
    boolean quiet = from.isBefore(to) ? after && before : after || before;
    return quiet ? Limit.waiting(name(), "quiet from " + from + " to " + to) : Limit.NONE;
  }
}
