package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.energy.DeviceProbe;
import org.mobilefinetuner.energy.Sensor;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.metrics.DeviceReading;

/**
 * The battery as Android tells it to Termux: {@code termux-battery-status} of Termux:API prints a
 * JSON object with percentage, plugged, status, temperature in °C, current in µA as {@code
 * BatteryManager.BATTERY_PROPERTY_CURRENT_NOW} and, in newer versions, voltage in mV. The current's
 * sign differs between phones, so the direction is that of the status.
 *
 * <p>Starts a process, at most every 15 seconds, and waits for it: to be read on a thread of its
 * own.
 */
final class TermuxProbe implements DeviceProbe {
  static final String COMMAND = "termux-battery-status";

  private static final long FRESH = 15_000_000_000L; // ns
  private static final long PATIENCE = 5; // s
  private static final int MOST_BYTES = 1 << 16;

  private final Path command;
  private final List<String> complaints = new ArrayList<>();
  private @Nullable DeviceReading last;
  private long readAt;
  private @Nullable String failure;

  TermuxProbe(Path command) {
    this.command = command;
  }

  @Override
  public DeviceReading read() {
    DeviceReading known = last;
    if (known != null && System.nanoTime() - readAt < FRESH) {
      return known;
    }
    DeviceReading now;
    try {
      now = parse(JsonObject.parse(COMMAND, output()));
      failure = null;
    } catch (IOException e) {
      if (failure == null) {
        complaints.add(COMMAND + ": " + e.getMessage());
      }
      failure = e.getMessage();
      now = DeviceReading.NOTHING;
    }
    last = now;
    readAt = System.nanoTime();
    return now;
  }

  private String output() throws IOException {
    Process process =
        new ProcessBuilder(command.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!process.waitFor(PATIENCE, TimeUnit.SECONDS)) {
        throw new IOException(
            "expected an answer within "
                + PATIENCE
                + " s, found none; is the app Termux:API installed?");
      }
      return new String(process.getInputStream().readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** What the object says; what is absurd is left out. */
  static DeviceReading parse(JsonObject status) throws IOException {
    String state = status.string("status", "UNKNOWN").toUpperCase(Locale.ROOT);
    String plugged = status.string("plugged", "").toUpperCase(Locale.ROOT);
    boolean filled = state.equals("CHARGING") || state.equals("FULL");
    @Nullable Boolean charging =
        filled || plugged.startsWith("PLUGGED")
            ? Boolean.TRUE
            : state.equals("DISCHARGING") || plugged.equals("UNPLUGGED") ? Boolean.FALSE : null;
    double watts =
        Math.abs(status.number("current", Double.NaN))
            * 1e-6
            * status.number("voltage", Double.NaN)
            * 1e-3;
    OptionalDouble drawn =
        state.equals("DISCHARGING")
            ? within(watts, 0, 1000)
            : state.equals("CHARGING") ? within(-watts, -1000, 0) : OptionalDouble.empty();
    return new DeviceReading(
        within(status.number("percentage", Double.NaN), 0, 100),
        charging,
        drawn,
        within(status.number("temperature", Double.NaN), -40, 150),
        OptionalDouble.empty(),
        OptionalInt.empty(),
        OptionalDouble.empty(),
        null);
  }

  private static OptionalDouble within(double value, double least, double most) {
    return value >= least && value <= most ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  @Override
  public List<Sensor> sensors() {
    return ReadingSensors.of(COMMAND, read(), failure);
  }

  @Override
  public List<String> complaints() {
    List<String> news = List.copyOf(complaints);
    complaints.clear();
    return news;
  }
}
