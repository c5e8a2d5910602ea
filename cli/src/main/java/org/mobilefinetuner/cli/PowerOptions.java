package org.mobilefinetuner.cli;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.energy.BatteryFloor;
import org.mobilefinetuner.energy.BatteryThreshold;
import org.mobilefinetuner.energy.Deadline;
import org.mobilefinetuner.energy.EnergyBudget;
import org.mobilefinetuner.energy.OnlyCharging;
import org.mobilefinetuner.energy.PowerPolicy;
import org.mobilefinetuner.energy.TemperatureCeiling;
import org.mobilefinetuner.energy.ThermalStatus;
import picocli.CommandLine.Option;

/** What a run may take of the battery, the heat and the time. */
final class PowerOptions {
  private static final double THRESHOLD = 60;
  private static final double SLOWDOWN = 0.5;

  @Option(
      names = "--power-check-steps",
      paramLabel = "K",
      description = "Look at battery and clock after every K steps (default: 1).")
  int checkSteps = 1;

  @Option(
      names = "--power-threshold",
      paramLabel = "PERCENT",
      description =
          "Below this charge of the battery, slow down by --power-slowdown (default: 60 if that is"
              + " given, else never).")
  @Nullable Double threshold;

  @Option(
      names = "--power-slowdown",
      paramLabel = "RHO",
      description =
          "Below --power-threshold go at 1 - RHO of full speed, RHO from 0 to 0.95 (default: 0.5 if"
              + " that is given).")
  @Nullable Double slowdown;

  @Option(
      names = "--battery-floor",
      paramLabel = "PERCENT",
      description = "At this charge, without a charger, save a checkpoint and end with code 75.")
  @Nullable Double floor;

  @Option(
      names = "--wait-for-power",
      description = "At --battery-floor wait for a charger and go on by itself, instead of ending.")
  boolean waitForPower;

  @Option(
      names = "--max-temp",
      paramLabel = "CELSIUS",
      description =
          "Slow down so that the battery's temperature stays below this; the processor's where the"
              + " battery has no sensor.")
  @Nullable Double maxTemp;

  @Option(
      names = "--max-cpu-temp",
      paramLabel = "CELSIUS",
      description = "The same for the processor's temperature.")
  @Nullable Double maxCpuTemp;

  @Option(
      names = "--temp-band",
      paramLabel = "DEGREES",
      description = "Begin to slow down so far below the highest temperature (default: 3).")
  double tempBand = TemperatureCeiling.BAND;

  @Option(
      names = "--energy-budget",
      paramLabel = "JOULES",
      description =
          "Save a checkpoint and end with code 75 when this is used, such as 20kJ or 5Wh; counted"
              + " anew each time the run goes on.")
  @Nullable String energyBudget;

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      description =
          "Be as slow, and so as cool, as ending by then allows: 07:00, 2026-12-24T07:00, or 8h from"
              + " now.")
  @Nullable String deadline;

  @Option(names = "--only-charging", description = "Wait while no charger is connected.")
  boolean onlyCharging;

  @Option(
      names = "--quiet-hours",
      paramLabel = "FROM-TO",
      description = "Wait between these times of the day, such as 22:00-07:00.")
  @Nullable String quietHours;

  @Option(
      names = "--watts-per-core",
      paramLabel = "WATTS",
      description =
          "What a core at work takes, for the estimate of energy where no sensor tells it (default:"
              + " 4); 0 for no estimate.")
  double wattsPerCore = 4;

  @Option(
      names = "--sysfs-root",
      paramLabel = "DIR",
      description = "Where the sensors' files are (default: /sys).")
  @Nullable Path sysfsRoot;

  @Option(
      names = "--simulate-device",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "DEVICE",
      description =
          "Instead of this machine's sensors simulate a device's: battery=80,capacity=15,idle=0.8,"
              + "work=5,ambient=25,heat=4,warm-up=600,cpu-heat=6,charge=10,plug-after=2h,start=22:00,"
              + "speed=60, or a YAML file with such keys.")
  @Nullable String simulated;

  /**
   * @throws IllegalArgumentException if an option makes no sense
   */
  void check() {
    List<PowerPolicy> _ = policies(LocalDateTime.of(2000, 1, 1, 0, 0));
    if (simulated != null) {
      Simulation _ = Simulation.parse(simulated);
    }
    if (checkSteps < 1) {
      throw new IllegalArgumentException(
          "expected --power-check-steps of at least 1, found " + checkSteps);
    }
    if (!(wattsPerCore >= 0 && wattsPerCore <= 1000)) {
      throw new IllegalArgumentException(
          "expected --watts-per-core from 0 to 1000, found " + wattsPerCore);
    }
    if (waitForPower && floor == null) {
      throw new IllegalArgumentException(
          "expected --battery-floor with --wait-for-power, found none; add --battery-floor 20");
    }
  }

  /** All that may slow the run down; times are counted from {@code now}. */
  List<PowerPolicy> policies(LocalDateTime now) {
    List<PowerPolicy> all = new ArrayList<>();
    all.add(new ThermalStatus());
    if (threshold != null || slowdown != null) {
      all.add(
          new BatteryThreshold(
              threshold == null ? THRESHOLD : threshold, slowdown == null ? SLOWDOWN : slowdown));
    }
    if (floor != null) {
      all.add(new BatteryFloor(floor, waitForPower));
    }
    if (maxTemp != null) {
      all.add(ceiling(TemperatureCeiling.Of.DEVICE, maxTemp));
    }
    if (maxCpuTemp != null) {
      all.add(ceiling(TemperatureCeiling.Of.PROCESSOR, maxCpuTemp));
    }
    if (energyBudget != null) {
      all.add(new EnergyBudget(Units.joules("--energy-budget", energyBudget)));
    }
    if (deadline != null) {
      all.add(new Deadline(Units.moment("--deadline", deadline, now)));
    }
    if (onlyCharging) {
      all.add(new OnlyCharging());
    }
    if (quietHours != null) {
      all.add(Units.quietHours("--quiet-hours", quietHours));
    }
    return all;
  }

  private TemperatureCeiling ceiling(TemperatureCeiling.Of of, double celsius) {
    if (!(tempBand > 0 && tempBand <= 30)) {
      throw new IllegalArgumentException(
          "expected a --temp-band above 0 and up to 30 degrees, found " + tempBand);
    }
    return new TemperatureCeiling(of, celsius - tempBand, celsius);
  }
}
