package org.mobilefinetuner.android;

import java.util.function.BooleanSupplier;
import org.mobilefinetuner.energy.Limit;
import org.mobilefinetuner.energy.PowerPolicy;
import org.mobilefinetuner.energy.Situation;

/** Half of full speed while the person asks the device to save power. */
final class PowerSaver implements PowerPolicy {
  private static final Limit NO_LIMIT = new Limit(1, false, "none", "");

  private final BooleanSupplier savesPower;

  PowerSaver(BooleanSupplier savesPower) {
    this.savesPower = savesPower;
  }

  @Override
  public String name() {
    return "power-saver";
  }

  @Override
  public Limit limit(Situation now) {
    return savesPower.getAsBoolean()
        ? new Limit(0.5, false, name(), "the device's power saver is on")
        : NO_LIMIT;
  }
}
