package org.mobilefinetuner.energy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.DeviceReading;

/** The latest reading of a device, which is read at most every so often. */
public final class PowerMonitor {
  private final DeviceProbe probe;
  private final EnergyMeter meter;
  private final PowerClock clock;
  private final long intervalNanos;
  private @Nullable DeviceReading latest;
  private long readAt;

  /**
   * @param intervalNanos the least time between two readings
   */
  public PowerMonitor(DeviceProbe probe, EnergyMeter meter, PowerClock clock, long intervalNanos) {
    this.probe = probe;
    this.meter = meter;
    this.clock = clock;
    this.intervalNanos = intervalNanos;
  }

  /** Whether the latest reading is old enough for another one. */
  boolean due(long nanos) {
    return latest == null || nanos - readAt >= intervalNanos;
  }

  /** The latest reading, a new one if it is due. */
  DeviceReading reading() {
    DeviceReading known = latest;
    return known == null || due(clock.nanoTime()) ? fresh() : known;
  }

  /** A new reading, however old the latest is. */
  DeviceReading fresh() {
    DeviceReading now = meter.add(probe.read(), clock.nanoTime());
    readAt = clock.nanoTime();
    latest = now;
    return now;
  }

  /** What has gone wrong with sensors since this was asked last. */
  List<String> complaints() {
    return probe.complaints();
  }
}
