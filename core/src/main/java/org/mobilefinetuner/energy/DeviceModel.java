package org.mobilefinetuner.energy;

import java.time.LocalDateTime;

/**
 * A device to be simulated: a battery, and two bodies that warm up. The case with the battery is
 * warmed by all power that is used and cooled by the air; the processor is warmer than the case by
 * {@code processorCelsiusPerWatt} for each watt, within seconds.
 *
 * @param percent of the battery at the start
 * @param wattHours what it holds when full
 * @param idleWatts taken while nothing is computed
 * @param workWatts taken while the run computes
 * @param ambientCelsius of the air, and of the device at the start
 * @param celsiusPerWatt how much warmer than the air the case becomes for each watt
 * @param secondsToWarm time constant of the case
 * @param processorCelsiusPerWatt how much warmer than the case the processor becomes for each watt
 * @param chargeWatts what a charger gives
 * @param pluggedAfterSeconds when a charger is connected; infinity for never
 * @param start date and time at the start
 */
public record DeviceModel(
    double percent,
    double wattHours,
    double idleWatts,
    double workWatts,
    double ambientCelsius,
    double celsiusPerWatt,
    double secondsToWarm,
    double processorCelsiusPerWatt,
    double chargeWatts,
    double pluggedAfterSeconds,
    LocalDateTime start) {
  /** A phone of 2024: 15 Wh, 0.8 W idle, 5 W at work, at most 45 °C in air of 25 °C. */
  public static final DeviceModel PHONE =
      new DeviceModel(
          80,
          15,
          0.8,
          5,
          25,
          4,
          600,
          6,
          10,
          Double.POSITIVE_INFINITY,
          LocalDateTime.of(2026, 1, 1, 22, 0));

  public DeviceModel {
    if (!(percent >= 0
        && percent <= 100
        && wattHours > 0
        && idleWatts >= 0
        && workWatts >= idleWatts
        && ambientCelsius > -40
        && celsiusPerWatt >= 0
        && secondsToWarm > 0
        && processorCelsiusPerWatt >= 0
        && chargeWatts >= 0
        && pluggedAfterSeconds >= 0)) {
      throw new IllegalArgumentException(
          "expected a device with a battery of 0 to 100 %, a capacity above 0, work that takes no"
              + " less than idling and times and resistances of at least 0; found percent "
              + percent
              + ", capacity "
              + wattHours
              + " Wh, idle "
              + idleWatts
              + " W, work "
              + workWatts
              + " W, heat "
              + celsiusPerWatt
              + " °C/W in "
              + secondsToWarm
              + " s");
    }
  }
}
