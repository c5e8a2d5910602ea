package org.mobilefinetuner.energy;

import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.DeviceReading;

/** A run waits while the device is not connected to a charger. */
public final class OnlyCharging implements PowerPolicy {
  @Override
  public String name() {
    return "only-charging";
  }

  @Override
  public Limit limit(Situation now) {
    return Boolean.FALSE.equals(now.device().charging())
        ? Limit.waiting(name(), "no charger is connected")
        : Limit.NONE;
  }

  @Override
  public @Nullable String missing(DeviceReading reading) {
    return reading.charging() != null ? null : "whether a charger is connected";
  }
}
