package org.mobilefinetuner.energy;

import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.DeviceReading;

/**
 * Below μ percent of the battery a run goes at 1 − ρ of full speed, unless the battery is being
 * filled. It goes at full speed again from one percent above.
 */
public final class BatteryThreshold implements PowerPolicy {
  private static final double HYSTERESIS_PERCENT = 1;

  private final double percent;
  private final double slowdown;
  private boolean slow;

  /**
   * @param percent μ, 0 to 100
   * @param slowdown ρ, 0 to 0.95
   */
  public BatteryThreshold(double percent, double slowdown) {
    if (!(percent >= 0 && percent <= 100)) {
      throw new IllegalArgumentException(
          "expected a --power-threshold from 0 to 100 percent, found " + percent);
    }
    if (!(slowdown >= 0 && slowdown <= 1 - Limit.SLOWEST)) {
      throw new IllegalArgumentException(
          "expected a --power-slowdown from 0 to 0.95, found " + slowdown);
    }
    this.percent = percent;
    this.slowdown = slowdown;
  }

  @Override
  public String name() {
    return "battery-threshold";
  }

  @Override
  public Limit limit(Situation now) {
    OptionalDouble known = now.device().batteryPercent();
    if (known.isEmpty() || Boolean.TRUE.equals(now.device().charging())) {
      slow = false;
      return Limit.NONE;
    }
    double battery = known.getAsDouble();
    slow = battery < (slow ? percent + HYSTERESIS_PERCENT : percent);
    return slow
        ? Limit.slow(
            1 - slowdown,
            name(),
            String.format(
                Locale.ROOT, "battery at %.0f %%, threshold %s %%", battery, shown(percent)))
        : Limit.NONE;
  }

  private static String shown(double number) {
    return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
  }

  @Override
  public @Nullable String missing(DeviceReading reading) {
    return reading.batteryPercent().isPresent() ? null : "the charge of a battery";
  }
}
