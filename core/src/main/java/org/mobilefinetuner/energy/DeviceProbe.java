package org.mobilefinetuner.energy;

import java.util.List;
import org.mobilefinetuner.metrics.DeviceReading;

/**
 * The sensors of a device for power and heat.
 *
 * <p>A sensor that is missing, cannot be read or says something absurd leaves its value out of the
 * reading; it never ends a run and is never replaced by a guess.
 */
public interface DeviceProbe {
  /**
   * What the sensors say now. {@code energyJoules} counts from an arbitrary moment and only where a
   * counter of energy is there.
   */
  DeviceReading read();

  /** All sensors that were looked for, with what they say or why they say nothing. */
  List<Sensor> sensors();

  /**
   * What has gone wrong since this was asked last: each complaint is made once.
   *
   * @return empty if all is well
   */
  default List<String> complaints() {
    return List.of();
  }
}
