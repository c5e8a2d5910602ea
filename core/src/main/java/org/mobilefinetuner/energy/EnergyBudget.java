package org.mobilefinetuner.energy;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.DeviceReading;

/** A run saves a checkpoint and ends when it has used so many joules. */
public final class EnergyBudget implements PowerPolicy {
  private final double joules;

  public EnergyBudget(double joules) {
    if (!(joules > 0)) {
      throw new IllegalArgumentException("expected an --energy-budget above 0 J, found " + joules);
    }
    this.joules = joules;
  }

  @Override
  public String name() {
    return "energy-budget";
  }

  @Override
  public Limit limit(Situation now) {
    double used = now.device().energyJoules().orElse(0);
    return used < joules
        ? Limit.NONE
        : Limit.stop(
            name(),
            String.format(
                Locale.ROOT,
                "%.0f J used of %.0f J (%s)",
                used,
                joules,
                now.device().energySource()));
  }

  @Override
  public @Nullable String missing(DeviceReading reading) {
    return null; // there is always the estimate
  }
}
