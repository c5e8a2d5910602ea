package org.mobilefinetuner.energy;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.mobilefinetuner.metrics.DeviceReading;

/**
 * The sensors of Linux and Android: power supplies, thermal zones, counters of energy and chips of
 * hwmon. Most phones show an app less of it than there is.
 *
 * <p>Not thread-safe.
 */
public final class SysfsProbe implements DeviceProbe {
  private final SysfsFiles files;
  private final EnergyCounters counters = new EnergyCounters();

  /**
   * @param root usually {@code /sys}
   */
  public SysfsProbe(Path root) {
    this.files = new SysfsFiles(root);
  }

  @Override
  public DeviceReading read() {
    SysfsSupplies supplies = new SysfsSupplies(files);
    SysfsHeat heat = new SysfsHeat(files);
    OptionalDouble joules = counters.read(files);
    OptionalDouble battery = supplies.celsius();
    return new DeviceReading(
        supplies.percent(),
        supplies.charging(),
        supplies.watts(),
        battery.isPresent() ? battery : heat.battery(),
        heat.processor(),
        OptionalInt.empty(), // Android tells it only to apps
        joules,
        joules.isPresent() ? counters.source() : null);
  }

  @Override
  public List<Sensor> sensors() {
    read();
    return files.sensors();
  }

  @Override
  public List<String> complaints() {
    return files.complaints();
  }
}
