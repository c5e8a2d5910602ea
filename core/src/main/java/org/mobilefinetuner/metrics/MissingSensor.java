package org.mobilefinetuner.metrics;

import java.util.Optional;
import java.util.function.Predicate;

/** A power policy was asked for, but the device does not say what the policy needs. */
public final class MissingSensor implements Symptom {
  private final String option;
  private final String sensor;
  private final Predicate<DeviceReading> present;

  /**
   * @param option that needs the sensor, such as {@code --power-threshold}
   * @param sensor what it reads, such as {@code battery charge}
   * @param present whether a reading has it
   */
  public MissingSensor(String option, String sensor, Predicate<DeviceReading> present) {
    this.option = option;
    this.sensor = sensor;
    this.present = present;
  }

  @Override
  public Optional<Finding> device(DeviceReading reading) {
    return present.test(reading)
        ? Optional.empty()
        : Optional.of(
            new Finding(
                "missing-" + sensor.replace(' ', '-'),
                option + " was asked for, but this device does not tell its " + sensor,
                "see mft doctor for the sensors that there are; the option has no effect here"));
  }
}
