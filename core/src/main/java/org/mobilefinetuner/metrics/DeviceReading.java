package org.mobilefinetuner.metrics;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a device says of its power and heat at one moment. What it does not know is absent.
 *
 * @param batteryPercent of the full charge, 0 to 100
 * @param charging whether the battery is being filled or the device runs on mains; null if not
 *     known
 * @param batteryWatts what is drawn from the battery; negative while it is filled
 * @param batteryCelsius the battery's temperature
 * @param cpuCelsius the hottest processor's
 * @param thermalStatus Android's: 0 none to 6 shutdown
 * @param energyJoules used since the run, or this part of it, began
 * @param energySource what {@code energyJoules} was measured with, or that it is an estimate; null
 *     if there is no figure
 */
public record DeviceReading(
    OptionalDouble batteryPercent,
    @Nullable Boolean charging,
    OptionalDouble batteryWatts,
    OptionalDouble batteryCelsius,
    OptionalDouble cpuCelsius,
    OptionalInt thermalStatus,
    OptionalDouble energyJoules,
    @Nullable String energySource) {
  /** Nothing is known. */
  public static final DeviceReading NOTHING =
      new DeviceReading(
          OptionalDouble.empty(),
          null,
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalInt.empty(),
          OptionalDouble.empty(),
          null);
}
