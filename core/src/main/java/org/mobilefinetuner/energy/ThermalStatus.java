package org.mobilefinetuner.energy;

/**
 * Does what Android asks for when it says that the device is hot ({@code
 * PowerManager.getCurrentThermalStatus}): half speed at moderate (2), a quarter at severe (3), and
 * from critical (4) on the run waits.
 */
public final class ThermalStatus implements PowerPolicy {
  private static final int MODERATE = 2;
  private static final int SEVERE = 3;

  @Override
  public String name() {
    return "thermal-status";
  }

  @Override
  public boolean urgent() {
    return true;
  }

  @Override
  public Limit limit(Situation now) {
    int status = now.device().thermalStatus().orElse(0);
    String reason = "the system's thermal status is " + status + " of 6";
    if (status > SEVERE) {
      return Limit.waiting(name(), reason);
    }
    return status < MODERATE
        ? Limit.NONE
        : Limit.slow(status == MODERATE ? 0.5 : 0.25, name(), reason);
  }
}
