package org.mobilefinetuner.energy;

import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.DeviceReading;

/**
 * At so many percent of the battery, while it is not being filled, a run saves a checkpoint and
 * ends; or it waits until it is filled.
 */
public final class BatteryFloor implements PowerPolicy {
  private final double percent;
  private final boolean waits;

  /**
   * @param percent 0 to 100
   * @param waits whether to wait for a charger instead of ending
   */
  public BatteryFloor(double percent, boolean waits) {
    if (!(percent >= 0 && percent <= 100)) {
      throw new IllegalArgumentException(
          "expected a --battery-floor from 0 to 100 percent, found " + percent);
    }
    this.percent = percent;
    this.waits = waits;
  }

  @Override
  public String name() {
    return "battery-floor";
  }

  @Override
  public Limit limit(Situation now) {
    OptionalDouble battery = now.device().batteryPercent();
    boolean charging = Boolean.TRUE.equals(now.device().charging());
    if (battery.isEmpty() || charging || battery.getAsDouble() > percent) {
      return Limit.NONE;
    }
    String reason =
        String.format(
            Locale.ROOT, "battery at %.0f %%, floor %.0f %%", battery.getAsDouble(), percent);
    return waits
        ? Limit.waiting(name(), reason + ", waits for a charger")
        : Limit.stop(name(), reason);
  }

  @Override
  public @Nullable String missing(DeviceReading reading) {
    return reading.batteryPercent().isPresent() ? null : "the charge of a battery";
  }
}
