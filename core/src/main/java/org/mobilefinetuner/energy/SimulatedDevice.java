package org.mobilefinetuner.energy;

import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.DeviceReading;

/**
 * A device that exists only as a {@link DeviceModel}: its battery is drained by the work that is
 * done and its case is warmed by it. It has its own clock, so it knows how long was worked and how
 * long was rested. Its sensors round as real ones do: whole percent, tenths of a degree.
 *
 * <p>Either all its time is made up ({@link #work} lets it pass), or it is the real time, many
 * times as fast if so wanted: then what passes between two sleeps is work.
 */
public final class SimulatedDevice implements DeviceProbe, PowerClock {
  /**
   * The device at a moment.
   *
   * @param seconds since the start
   * @param load share of the time since the last sample that was worked
   */
  public record Sample(
      double seconds, double percent, double batteryCelsius, double cpuCelsius, double load) {}

  private static final double TICK = 0.5; // s, of the integration
  private static final double PROCESSOR_SECONDS = 5; // to warm up
  private static final double JOULES_PER_WATT_HOUR = 3600;
  private static final String SOURCE = "simulated";

  private final DeviceModel model;
  private final @Nullable PowerClock real;
  private final double speed;
  private double seconds;
  private double storedJoules;
  private double usedJoules;
  private double celsius;
  private double processorAbove; // the case, in °C
  private double watts;
  private long realBefore;
  private boolean started;
  private boolean woken;
  private double every = Double.POSITIVE_INFINITY;
  private double sampledAt;
  private double workedSince;
  private Consumer<Sample> sampled = sample -> {};

  private SimulatedDevice(DeviceModel model, @Nullable PowerClock real, double speed) {
    this.model = model;
    this.real = real;
    this.speed = speed;
    this.storedJoules = model.percent() / 100 * model.wattHours() * JOULES_PER_WATT_HOUR;
    this.celsius = model.ambientCelsius();
    this.realBefore = real == null ? 0 : real.nanoTime();
    this.watts = model.idleWatts();
  }

  /** A device whose time passes only by {@link #work} and {@link #sleep}. */
  public static SimulatedDevice virtual(DeviceModel model) {
    return new SimulatedDevice(model, null, 1);
  }

  /**
   * A device whose time passes with that of {@code clock}, from when it is read first.
   *
   * @param speed how many of its seconds pass in one of the clock
   */
  public static SimulatedDevice following(DeviceModel model, PowerClock clock, double speed) {
    if (!(speed > 0 && speed <= 1e6)) {
      throw new IllegalArgumentException("expected a speed above 0, found " + speed);
    }
    return new SimulatedDevice(model, clock, speed);
  }

  /** From now on {@code to} is told of the device every so many seconds of its time. */
  public void sample(double everySeconds, Consumer<Sample> to) {
    every = everySeconds;
    sampledAt = seconds;
    workedSince = 0;
    sampled = to;
  }

  /** Works for so long; only with a time that is made up. */
  public void work(long nanos) {
    pass(nanos * 1e-9, 1);
  }

  @Override
  public long nanoTime() {
    catchUp(1);
    return (long) (seconds * 1e9);
  }

  @Override
  public LocalDateTime dateTime() {
    catchUp(1);
    return model.start().plus(Duration.ofNanos((long) (seconds * 1e9)));
  }

  @Override
  public void sleep(long nanos) {
    catchUp(1);
    if (real != null) {
      real.sleep((long) (nanos / speed));
      catchUp(0);
    } else if (!woken) {
      pass(nanos * 1e-9, 0);
    }
  }

  @Override
  public void wake() {
    woken = true;
    if (real != null) {
      real.wake();
    }
  }

  /** Lets the time pass that has passed in reality since the device was read first. */
  private void catchUp(double load) {
    if (real != null) {
      long now = real.nanoTime();
      if (started) {
        pass((now - realBefore) * 1e-9 * speed, load);
      }
      realBefore = now;
    }
  }

  private void pass(double duration, double load) {
    double left = duration;
    while (left > 0) {
      double untilSample = Math.max(1e-9, sampledAt + every - seconds);
      double dt = Math.min(Math.min(TICK, left), untilSample);
      tick(dt, load);
      left -= dt;
      if (seconds - sampledAt >= every - 1e-9) {
        sampled.accept(
            new Sample(
                seconds, percent(), celsius, processor(), workedSince / (seconds - sampledAt)));
        sampledAt = seconds;
        workedSince = 0;
      }
    }
  }

  private void tick(double dt, double load) {
    seconds += dt;
    workedSince += load * dt;
    watts = model.idleWatts() + load * (model.workWatts() - model.idleWatts());
    usedJoules += watts * dt;
    double full = model.wattHours() * JOULES_PER_WATT_HOUR;
    double given = plugged() ? model.chargeWatts() : 0;
    storedJoules = Math.max(0, Math.min(full, storedJoules + (given - watts) * dt));
    double balance = model.ambientCelsius() + watts * model.celsiusPerWatt();
    celsius += (balance - celsius) * -Math.expm1(-dt / model.secondsToWarm());
    double above = watts * model.processorCelsiusPerWatt();
    processorAbove += (above - processorAbove) * -Math.expm1(-dt / PROCESSOR_SECONDS);
  }

  /** Whether the battery is empty: a real device would have switched itself off. */
  public boolean empty() {
    return storedJoules <= 0 && !plugged();
  }

  private boolean plugged() {
    return seconds >= model.pluggedAfterSeconds();
  }

  private double percent() {
    return 100 * storedJoules / (model.wattHours() * JOULES_PER_WATT_HOUR);
  }

  private double processor() {
    return celsius + processorAbove;
  }

  @Override
  public DeviceReading read() {
    catchUp(1);
    started = true;
    return new DeviceReading(
        OptionalDouble.of(Math.floor(percent())),
        plugged(),
        OptionalDouble.of(plugged() ? watts - model.chargeWatts() : watts),
        OptionalDouble.of(Math.rint(10 * celsius) / 10),
        OptionalDouble.of(Math.rint(10 * processor()) / 10),
        OptionalInt.empty(),
        OptionalDouble.of(usedJoules),
        SOURCE);
  }

  @Override
  public List<Sensor> sensors() {
    DeviceReading now = read();
    List<Sensor> all = new ArrayList<>();
    all.add(sensor("battery charge", "%.0f %%", now.batteryPercent()));
    all.add(sensor("battery power", "%.2f W", now.batteryWatts()));
    all.add(sensor("battery temperature", "%.1f °C", now.batteryCelsius()));
    all.add(sensor("processor temperature", "%.1f °C", now.cpuCelsius()));
    return all;
  }

  private static Sensor sensor(String name, String format, OptionalDouble value) {
    return new Sensor(name, SOURCE, String.format(Locale.ROOT, format, value.orElse(0)), null);
  }
}
