package org.mobilefinetuner.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.energy.Sensor;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.metrics.DeviceReading;

/** A reading for people and for programs. */
final class ReadingSensors {
  private ReadingSensors() {}

  /**
   * The values of a reading as sensors of one source.
   *
   * @param failure why nothing was read, or null
   */
  static List<Sensor> of(String source, DeviceReading reading, @Nullable String failure) {
    String problem = failure == null ? "not known to it" : failure;
    List<Sensor> all = new ArrayList<>();
    all.add(sensor("battery charge", source, "%.0f %%", reading.batteryPercent(), problem));
    all.add(
        new Sensor(
            "charger connected",
            source,
            reading.charging() == null ? null : reading.charging() ? "yes" : "no",
            reading.charging() == null ? problem : null));
    all.add(sensor("battery power", source, "%.3f W", reading.batteryWatts(), problem));
    all.add(sensor("battery temperature", source, "%.1f °C", reading.batteryCelsius(), problem));
    all.add(sensor("processor temperature", source, "%.1f °C", reading.cpuCelsius(), problem));
    return all;
  }

  private static Sensor sensor(
      String name, String source, String format, OptionalDouble value, String problem) {
    return value.isPresent()
        ? new Sensor(name, source, String.format(Locale.ROOT, format, value.getAsDouble()), null)
        : new Sensor(name, source, null, problem);
  }

  /** A reading in one line; a dash for what is not known. */
  static String line(DeviceReading r) {
    return String.format(
        Locale.ROOT,
        "battery %s %s %s %s, processor %s%s%s",
        shown("%.0f %%", r.batteryPercent()),
        r.charging() == null ? "-" : r.charging() ? "on a charger" : "without a charger",
        shown("%.2f W", r.batteryWatts()),
        shown("%.1f °C", r.batteryCelsius()),
        shown("%.1f °C", r.cpuCelsius()),
        r.thermalStatus().isPresent() ? ", thermal status " + r.thermalStatus().getAsInt() : "",
        r.energyJoules().isPresent()
            ? String.format(
                Locale.ROOT, ", %.1f J (%s)", r.energyJoules().getAsDouble(), r.energySource())
            : "");
  }

  private static String shown(String format, OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, format, value.getAsDouble()) : "-";
  }

  /** A reading as JSON; null for what is not known. */
  static JsonObject json(DeviceReading r) {
    return JsonObject.empty()
        .put("battery_pct", boxed(r.batteryPercent()))
        .put("charging", r.charging())
        .put("battery_watts", boxed(r.batteryWatts()))
        .put("battery_temp_c", boxed(r.batteryCelsius()))
        .put("temp_c", boxed(r.cpuCelsius()))
        .put("thermal_status", r.thermalStatus().isPresent() ? r.thermalStatus().getAsInt() : null)
        .put("energy_joules", boxed(r.energyJoules()))
        .put("energy_source", r.energySource());
  }

  private static @Nullable Double boxed(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /** One sensor as JSON. */
  static JsonObject json(Sensor sensor) {
    return JsonObject.empty()
        .put("quantity", sensor.quantity())
        .put("source", sensor.source())
        .put("value", sensor.value())
        .put("problem", sensor.problem());
  }
}
