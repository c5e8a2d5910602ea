package org.mobilefinetuner.android;

import static org.assertj.core.api.Assertions.assertThat;
import static org.robolectric.Shadows.shadowOf;

import android.app.Application;
import android.content.Intent;
import android.os.BatteryManager;
import android.os.PowerManager;
import org.jspecify.annotations.NullUnmarked;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.mobilefinetuner.metrics.DeviceReading;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;

@NullUnmarked
@RunWith(RobolectricTestRunner.class)
public class AndroidDeviceProbeTest {
  private final Application app = RuntimeEnvironment.getApplication();

  /** Only the system sends it, and Robolectric for it. */
  @SuppressWarnings("deprecation")
  private void battery(int level, int status, int plugged, int tenths, int millivolts) {
    app.sendStickyBroadcast(
        new Intent(Intent.ACTION_BATTERY_CHANGED)
            .putExtra(BatteryManager.EXTRA_LEVEL, level)
            .putExtra(BatteryManager.EXTRA_SCALE, 200)
            .putExtra(BatteryManager.EXTRA_STATUS, status)
            .putExtra(BatteryManager.EXTRA_PLUGGED, plugged)
            .putExtra(BatteryManager.EXTRA_TEMPERATURE, tenths)
            .putExtra(BatteryManager.EXTRA_VOLTAGE, millivolts));
  }

  private void microamperes(int current) {
    shadowOf(app.getSystemService(BatteryManager.class))
        .setIntProperty(BatteryManager.BATTERY_PROPERTY_CURRENT_NOW, current);
  }

  @Test
  public void aBatteryThatIsUsed() {
    battery(124, BatteryManager.BATTERY_STATUS_DISCHARGING, 0, 314, 4000);
    microamperes(-500_000);
    DeviceReading reading = new AndroidDeviceProbe(app).read();

    assertThat(reading.batteryPercent()).hasValue(62);
    assertThat(reading.charging()).isFalse();
    assertThat(reading.batteryWatts()).hasValue(2);
    assertThat(reading.batteryCelsius()).hasValue(31.4);
    assertThat(reading.cpuCelsius()).isEmpty();
  }

  @Test
  public void aBatteryThatIsFilledWhateverSignItsDriverGives() {
    battery(
        124, BatteryManager.BATTERY_STATUS_CHARGING, BatteryManager.BATTERY_PLUGGED_AC, 1, 4000);
    microamperes(-1_000_000);

    DeviceReading reading = new AndroidDeviceProbe(app).read();
    assertThat(reading.charging()).isTrue();
    assertThat(reading.batteryWatts()).hasValue(-4);
  }

  @Test
  public void whatADeviceDoesNotTellIsLeftOut() {
    battery(-1, BatteryManager.BATTERY_STATUS_UNKNOWN, 0, -1000, 0);
    microamperes(Integer.MIN_VALUE);
    DeviceReading reading = new AndroidDeviceProbe(app).read();

    assertThat(reading.batteryPercent()).isEmpty();
    assertThat(reading.charging()).isNull();
    assertThat(reading.batteryWatts()).isEmpty();
    assertThat(reading.batteryCelsius()).isEmpty();
  }

  @Test
  public void heatAndTheWishToSavePower() {
    PowerManager power = app.getSystemService(PowerManager.class);
    shadowOf(power).setCurrentThermalStatus(PowerManager.THERMAL_STATUS_SEVERE);
    shadowOf(power).setIsPowerSaveMode(true);
    AndroidDeviceProbe probe = new AndroidDeviceProbe(app);

    assertThat(probe.read().thermalStatus()).hasValue(PowerManager.THERMAL_STATUS_SEVERE);
    assertThat(probe.savesPower()).isTrue();
  }
}
