package org.mobilefinetuner.android;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.mobilefinetuner.energy.BatteryFloor;
import org.mobilefinetuner.energy.BatteryThreshold;
import org.mobilefinetuner.energy.DeviceProbe;
import org.mobilefinetuner.energy.EnergyMeter;
import org.mobilefinetuner.energy.EnergyScheduler;
import org.mobilefinetuner.energy.OnlyCharging;
import org.mobilefinetuner.energy.PowerMonitor;
import org.mobilefinetuner.energy.PowerPolicy;
import org.mobilefinetuner.energy.SystemClock;
import org.mobilefinetuner.energy.TemperatureCeiling;
import org.mobilefinetuner.energy.ThermalStatus;
import org.mobilefinetuner.train.StepGate;

/**
 * Slows a run down, lets it wait or ends it as the power options of its settings say, by a device's
 * sensors. Whatever they say, the system's thermal status is obeyed.
 */
public final class DevicePower implements PowerControl {
  private static final long BETWEEN_READINGS = 2_000_000_000L; // ns
  private static final double WATTS_PER_CORE = 1; // of a phone, a rough estimate

  private final DeviceProbe probe;
  private final DoubleSupplier cpuSeconds;
  private final List<PowerPolicy> more;
  private final long betweenReadings;

  /**
   * @param cpuSeconds that this process has worked, of all threads
   * @param more policies besides those of the settings
   */
  public DevicePower(DeviceProbe probe, DoubleSupplier cpuSeconds, List<PowerPolicy> more) {
    this(probe, cpuSeconds, more, BETWEEN_READINGS);
  }

  /**
   * @param betweenReadings nanoseconds for which a reading is believed
   */
  DevicePower(
      DeviceProbe probe, DoubleSupplier cpuSeconds, List<PowerPolicy> more, long betweenReadings) {
    this.probe = probe;
    this.cpuSeconds = cpuSeconds;
    this.more = List.copyOf(more);
    this.betweenReadings = betweenReadings;
  }

  @Override
  public StepGate gate(FineTuningSettings settings, int steps) {
    SystemClock clock = new SystemClock();
    EnergyMeter meter = new EnergyMeter(cpuSeconds, WATTS_PER_CORE);
    PowerMonitor monitor = new PowerMonitor(probe, meter, clock, betweenReadings);
    List<PowerPolicy> policies = policies(settings);
    policies.addAll(more);
    return new EnergyScheduler(monitor, policies, clock, settings.powerCheckSteps(), steps);
  }

  /** The policies that the options of {@code mft train} stand for. */
  static List<PowerPolicy> policies(FineTuningSettings settings) {
    List<PowerPolicy> all = new ArrayList<>();
    all.add(new ThermalStatus());
    if (settings.has("power_threshold") || settings.has("power_slowdown")) {
      all.add(
          new BatteryThreshold(
              settings.number("power_threshold", 60), settings.number("power_slowdown", 0.5)));
    }
    if (settings.has("battery_floor")) {
      all.add(new BatteryFloor(settings.number("battery_floor", 0), settings.is("wait_for_power")));
    }
    if (settings.has("max_temp")) {
      double ceiling = settings.number("max_temp", 0);
      all.add(
          new TemperatureCeiling(
              TemperatureCeiling.Of.DEVICE, ceiling - TemperatureCeiling.BAND, ceiling));
    }
    if (settings.is("only_charging")) {
      all.add(new OnlyCharging());
    }
    return all;
  }
}
