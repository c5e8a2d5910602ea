package org.mobilefinetuner.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.energy.DeviceProbe;
import org.mobilefinetuner.energy.EnergyMeter;
import org.mobilefinetuner.energy.EnergyScheduler;
import org.mobilefinetuner.energy.PowerClock;
import org.mobilefinetuner.energy.PowerMonitor;
import org.mobilefinetuner.energy.SimulatedDevice;
import org.mobilefinetuner.energy.SystemClock;

/** The sensors of a run, its clock and the scheduler that decides by them. */
final class RunPower implements AutoCloseable {
  private static final long BETWEEN_READINGS = 2_000_000_000L; // ns

  private final EnergyScheduler scheduler;
  private final @Nullable Sensors sensors;

  private RunPower(EnergyScheduler scheduler, @Nullable Sensors sensors) {
    this.scheduler = scheduler;
    this.sensors = sensors;
  }

  /** The power of a run of so many steps. */
  static RunPower of(PowerOptions options, int steps) {
    if (options.simulated != null) {
      Simulation simulation = Simulation.parse(options.simulated);
      SimulatedDevice device =
          SimulatedDevice.following(simulation.model(), new SystemClock(), simulation.speed());
      return new RunPower(scheduler(options, device, device, steps), null);
    }
    Sensors sensors = Sensors.ofThisMachine(options.sysfsRoot);
    return new RunPower(scheduler(options, sensors.probe(), new SystemClock(), steps), sensors);
  }

  static EnergyScheduler scheduler(
      PowerOptions options, DeviceProbe probe, PowerClock clock, int steps) {
    EnergyMeter meter = new EnergyMeter(RunPower::cpuSeconds, options.wattsPerCore);
    return new EnergyScheduler(
        new PowerMonitor(probe, meter, clock, BETWEEN_READINGS),
        options.policies(clock.dateTime()),
        clock,
        options.checkSteps,
        steps);
  }

  private static double cpuSeconds() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return Math.max(0, system.getProcessCpuTime()) * 1e-9;
  }

  EnergyScheduler scheduler() {
    return scheduler;
  }

  @Override
  public void close() {
    if (sensors != null) {
      sensors.close();
    }
  }
}
