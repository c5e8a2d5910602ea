package org.mobilefinetuner.train;

import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.metrics.DeviceReading;

/** What the device has said last of its power and heat, for the lines of a log. */
final class DeviceLog {
  private DeviceReading last = DeviceReading.NOTHING;
  private double joulesBefore;
  private @Nullable String source;

  /**
   * Goes on counting energy.
   *
   * @param joules used before this part of the run
   */
  void resume(double joules, @Nullable String energySource) {
    joulesBefore = joules;
    source = energySource;
  }

  void add(DeviceReading reading) {
    last = reading;
    if (reading.energySource() != null) {
      source = reading.energySource();
    }
  }

  /** Joules since the run began, also before it was continued; 0 if nothing was measured. */
  double joules() {
    return joulesBefore + last.energyJoules().orElse(0);
  }

  /** What they were measured with; null if there is no figure. */
  @Nullable String source() {
    return source;
  }

  /** What is known, and no more. */
  void putInto(JsonObject line) {
    put(line, "battery_pct", last.batteryPercent());
    if (last.charging() != null) {
      line.put("battery_charging", last.charging());
    }
    put(line, "power_watts", last.batteryWatts());
    put(line, "temp_c", last.cpuCelsius());
    put(line, "battery_temp_c", last.batteryCelsius());
    last.thermalStatus().ifPresent(status -> line.put("thermal_status", status));
    putEnergy(line);
  }

  void putEnergy(JsonObject line) {
    if (source != null) {
      line.put("energy_joules", joules()).put("energy_source", source);
    }
  }

  private static void put(JsonObject line, String key, OptionalDouble value) {
    value.ifPresent(number -> line.put(key, number));
  }
}
