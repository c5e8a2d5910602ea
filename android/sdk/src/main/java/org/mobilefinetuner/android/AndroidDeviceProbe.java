package org.mobilefinetuner.android;

import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.os.BatteryManager;
import android.os.Build;
import android.os.PowerManager;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.energy.DeviceProbe;
import org.mobilefinetuner.energy.Sensor;
import org.mobilefinetuner.metrics.DeviceReading;

/**
 * What Android says of the battery and of heat, without a permission: {@link BatteryManager} and
 * {@link PowerManager}. Processor temperatures are not open to apps; the thermal status is what the
 * system makes of them.
 *
 * <p>May be read on any thread.
 */
public final class AndroidDeviceProbe implements DeviceProbe {
  private static final String SILENT = "the device does not tell";
  private static final int FORECAST = 10; // seconds ahead, for the thermal headroom

  private final Context context;
  private final BatteryManager battery;
  private final PowerManager power;

  public AndroidDeviceProbe(Context context) {
    this.context = context.getApplicationContext();
    this.battery = context.getSystemService(BatteryManager.class);
    this.power = context.getSystemService(PowerManager.class);
  }

  @Override
  public DeviceReading read() {
    IntentFilter changed = new IntentFilter(Intent.ACTION_BATTERY_CHANGED);
    @Nullable Intent state =
        context.registerReceiver(null, changed); // sticky: nobody is registered
    return new DeviceReading(
        percent(state),
        charging(state),
        watts(state),
        celsius(state),
        OptionalDouble.empty(),
        thermalStatus(),
        OptionalDouble.empty(),
        null);
  }

  @Override
  public List<Sensor> sensors() {
    DeviceReading now = read();
    Boolean charging = now.charging();
    return List.of(
        sensor("battery charge", "BatteryManager", now.batteryPercent(), "%.0f %%"),
        new Sensor(
            "charging",
            "BatteryManager",
            charging == null ? null : charging.toString(),
            charging == null ? SILENT : null),
        sensor("battery power", "BatteryManager", now.batteryWatts(), "%.2f W"),
        sensor("battery temperature", "BatteryManager", now.batteryCelsius(), "%.1f °C"),
        sensor("thermal headroom", "PowerManager", thermalHeadroom(), "%.2f"),
        new Sensor(
            "thermal status",
            "PowerManager",
            now.thermalStatus().isPresent() ? now.thermalStatus().getAsInt() + " of 6" : null,
            now.thermalStatus().isPresent() ? null : "Android 10 has it"));
  }

  private static Sensor sensor(
      String quantity, String source, OptionalDouble value, String format) {
    return value.isPresent()
        ? new Sensor(
            quantity, source, String.format(Locale.ROOT, format, value.getAsDouble()), null)
        : new Sensor(quantity, source, null, SILENT);
  }

  /** Whether the person asks the device to save power. */
  public boolean savesPower() {
    return power.isPowerSaveMode();
  }

  /**
   * How much of the heat that leads to throttling the device will have in ten seconds: 1 is
   * throttled. Android 11 has it, on devices that know; asked more often than once in ten seconds
   * it may say nothing.
   */
  public OptionalDouble thermalHeadroom() {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.R) {
      return OptionalDouble.empty();
    }
    float headroom = power.getThermalHeadroom(FORECAST);
    return Float.isNaN(headroom) ? OptionalDouble.empty() : OptionalDouble.of(headroom);
  }

  private OptionalInt thermalStatus() {
    return Build.VERSION.SDK_INT < Build.VERSION_CODES.Q
        ? OptionalInt.empty()
        : OptionalInt.of(power.getCurrentThermalStatus());
  }

  private static OptionalDouble percent(@Nullable Intent state) {
    int level = extra(state, BatteryManager.EXTRA_LEVEL);
    int scale = extra(state, BatteryManager.EXTRA_SCALE);
    return level < 0 || scale <= 0 || level > scale
        ? OptionalDouble.empty()
        : OptionalDouble.of(100.0 * level / scale);
  }

  private static @Nullable Boolean charging(@Nullable Intent state) {
    if (extra(state, BatteryManager.EXTRA_PLUGGED) > 0) {
      return true;
    }
    int status = extra(state, BatteryManager.EXTRA_STATUS);
    return status < 0 || status == BatteryManager.BATTERY_STATUS_UNKNOWN
        ? null
        : (Boolean) isFilling(status);
  }

  private static boolean isFilling(int status) {
    return status == BatteryManager.BATTERY_STATUS_CHARGING
        || status == BatteryManager.BATTERY_STATUS_FULL;
  }

  /** Microamperes times millivolts. Drivers do not agree on the current's sign: the status does. */
  private OptionalDouble watts(@Nullable Intent state) {
    int microamperes = battery.getIntProperty(BatteryManager.BATTERY_PROPERTY_CURRENT_NOW);
    int millivolts = extra(state, BatteryManager.EXTRA_VOLTAGE);
    int status = extra(state, BatteryManager.EXTRA_STATUS);
    if (microamperes == Integer.MIN_VALUE || microamperes == 0 || millivolts <= 0 || status < 0) {
      return OptionalDouble.empty();
    }
    double watts = Math.abs((double) microamperes) * millivolts * 1e-9;
    return OptionalDouble.of(isFilling(status) ? -watts : watts);
  }

  /** Android gives tenths of a degree. */
  private static OptionalDouble celsius(@Nullable Intent state) {
    int tenths = extra(state, BatteryManager.EXTRA_TEMPERATURE);
    return tenths <= 0 || tenths > 1500 ? OptionalDouble.empty() : OptionalDouble.of(tenths / 10.0);
  }

  private static int extra(@Nullable Intent state, String name) {
    return state == null ? -1 : state.getIntExtra(name, -1);
  }
}
