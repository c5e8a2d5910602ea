package org.mobilefinetuner.cli;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.energy.DeviceProbe;
import org.mobilefinetuner.energy.Sensor;
import org.mobilefinetuner.metrics.DeviceReading;
import oshi.SystemInfo;
import oshi.hardware.PowerSource;

/**
 * What OSHI knows of the battery and the processor's temperature on macOS and Windows. It gives 0
 * or a negative number for what it does not know; such values are left out.
 */
final class OshiProbe implements DeviceProbe {
  private @Nullable SystemInfo system;

  @Override
  public DeviceReading read() {
    SystemInfo info = system == null ? new SystemInfo() : system;
    system = info;
    List<PowerSource> sources = info.getHardware().getPowerSources();
    @Nullable PowerSource battery =
        sources.stream().filter(s -> s.getMaxCapacity() > 0).findFirst().orElse(null);
    double celsius = info.getHardware().getSensors().getCpuTemperature();
    return new DeviceReading(
        battery == null
            ? OptionalDouble.empty()
            : within(100 * battery.getRemainingCapacityPercent(), 0, 100),
        battery == null ? null : (Boolean) (battery.isPowerOnLine() || battery.isCharging()),
        battery == null ? OptionalDouble.empty() : watts(battery),
        battery == null ? OptionalDouble.empty() : within(battery.getTemperature(), 1, 150),
        within(celsius, 1, 150),
        OptionalInt.empty(),
        OptionalDouble.empty(),
        null);
  }

  /** OSHI counts in mW and what is drawn as negative; it may not know at all, which is 0. */
  private static OptionalDouble watts(PowerSource battery) {
    double size = Math.abs(battery.getPowerUsageRate()) * 1e-3;
    if (size == 0 || battery.isCharging() == battery.isDischarging()) {
      return OptionalDouble.empty();
    }
    return within(battery.isDischarging() ? size : -size, -1000, 1000);
  }

  private static OptionalDouble within(double value, double least, double most) {
    return value >= least && value <= most ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  @Override
  public List<Sensor> sensors() {
    return ReadingSensors.of("OSHI", read(), null);
  }
}
