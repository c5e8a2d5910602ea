package org.mobilefinetuner.energy;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.DeviceReading;

/**
 * How fast a run may be in view of one thing. Of several policies the strictest wins. A policy
 * whose sensor says nothing sets no limit.
 */
public interface PowerPolicy {
  /** Its name in logs, such as {@code battery-threshold}. */
  String name();

  /** What it allows until it is asked again. */
  Limit limit(Situation now);

  /** Whether it is asked between the segments of a step too, because heat does not wait. */
  default boolean urgent() {
    return false;
  }

  /** What it needs to know and the reading does not say; null if nothing is missing. */
  default @Nullable String missing(DeviceReading reading) {
    return null;
  }
}
