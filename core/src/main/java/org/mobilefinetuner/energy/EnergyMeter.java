package org.mobilefinetuner.energy;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.DeviceReading;

/**
 * Adds up the energy that was used, in joules, from one reading to the next and from the best that
 * there is: a counter of energy; else the power that the battery gives, by the trapezoidal rule;
 * else an estimate from the time that this process was on processors.
 *
 * <p>A counter and a battery measure the whole device, the estimate this process alone.
 */
public final class EnergyMeter {
  private final DoubleSupplier cpuSeconds;
  private final double wattsPerCore;
  private final Map<String, Double> joules = new LinkedHashMap<>();
  private @Nullable DeviceReading before;
  private long beforeNanos;
  private double beforeCpu;

  /**
   * @param cpuSeconds of all threads of this process
   * @param wattsPerCore what a core that works is said to take; 0 to estimate nothing
   */
  public EnergyMeter(DoubleSupplier cpuSeconds, double wattsPerCore) {
    this.cpuSeconds = cpuSeconds;
    this.wattsPerCore = wattsPerCore;
  }

  /** The reading with what has been used since the first one. */
  DeviceReading add(DeviceReading now, long nanos) {
    double cpu = cpuSeconds.getAsDouble();
    @Nullable DeviceReading last = before;
    if (last != null) {
      add(last, now, (nanos - beforeNanos) * 1e-9, cpu - beforeCpu);
    }
    before = now;
    beforeNanos = nanos;
    beforeCpu = cpu;
    return new DeviceReading(
        now.batteryPercent(),
        now.charging(),
        now.batteryWatts(),
        now.batteryCelsius(),
        now.cpuCelsius(),
        now.thermalStatus(),
        joules.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(total()),
        joules.isEmpty() ? null : source());
  }

  private void add(DeviceReading last, DeviceReading now, double seconds, double cpu) {
    @Nullable String counter = now.energySource();
    if (counter != null && counter.equals(last.energySource())) {
      add(counter, now.energyJoules().orElse(0) - last.energyJoules().orElse(0));
    } else if (discharges(last) && discharges(now)) {
      double watts = (last.batteryWatts().orElse(0) + now.batteryWatts().orElse(0)) / 2;
      add("battery volts × amperes", watts * seconds);
    } else if (wattsPerCore > 0) {
      add(
          String.format(Locale.ROOT, "estimate: CPU time × %s W per core", trim(wattsPerCore)),
          cpu * wattsPerCore);
    }
  }

  private static boolean discharges(DeviceReading reading) {
    return reading.batteryWatts().orElse(-1) >= 0;
  }

  private void add(String source, double used) {
    joules.merge(source, Math.max(0, used), Double::sum);
  }

  private double total() {
    double sum = 0;
    for (double part : joules.values()) {
      sum += part;
    }
    return sum;
  }

  /** With what was measured; where it was several things, with how much by each. */
  private String source() {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, Double> part : joules.entrySet()) {
      text.append(text.length() == 0 ? "" : "; ");
      if (joules.size() > 1) {
        text.append(String.format(Locale.ROOT, "%.0f J by ", part.getValue()));
      }
      text.append(part.getKey());
    }
    return text.toString();
  }

  private static String trim(double number) {
    return number == Math.rint(number)
        ? String.format(Locale.ROOT, "%.0f", number)
        : String.valueOf(number);
  }
}
