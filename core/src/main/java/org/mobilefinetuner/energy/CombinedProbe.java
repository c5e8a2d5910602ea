package org.mobilefinetuner.energy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.mobilefinetuner.metrics.DeviceReading;

/** Several probes as one: each value is that of the first one that knows it. */
public final class CombinedProbe implements DeviceProbe {
  private final List<DeviceProbe> probes;

  public CombinedProbe(List<DeviceProbe> probes) {
    this.probes = List.copyOf(probes);
  }

  @Override
  public DeviceReading read() {
    DeviceReading all = DeviceReading.NOTHING;
    for (DeviceProbe probe : probes) {
      all = merge(all, probe.read());
    }
    return all;
  }

  private static DeviceReading merge(DeviceReading a, DeviceReading b) {
    boolean energy = a.energyJoules().isPresent();
    return new DeviceReading(
        first(a.batteryPercent(), b.batteryPercent()),
        a.charging() != null ? a.charging() : b.charging(),
        first(a.batteryWatts(), b.batteryWatts()),
        first(a.batteryCelsius(), b.batteryCelsius()),
        first(a.cpuCelsius(), b.cpuCelsius()),
        a.thermalStatus().isPresent() ? a.thermalStatus() : b.thermalStatus(),
        first(a.energyJoules(), b.energyJoules()),
        energy ? a.energySource() : b.energySource());
  }

  private static OptionalDouble first(OptionalDouble a, OptionalDouble b) {
    return a.isPresent() ? a : b;
  }

  @Override
  public List<Sensor> sensors() {
    List<Sensor> all = new ArrayList<>();
    probes.forEach(probe -> all.addAll(probe.sensors()));
    return all;
  }

  @Override
  public List<String> complaints() {
    List<String> all = new ArrayList<>();
    probes.forEach(probe -> all.addAll(probe.complaints()));
    return all;
  }
}
