package org.mobilefinetuner.android;

import static org.assertj.core.api.Assertions.assertThat;
import static org.robolectric.Shadows.shadowOf;

import android.app.Application;
import android.content.Intent;
import android.os.BatteryManager;
import android.os.PowerManager;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.NullUnmarked;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.mobilefinetuner.train.TrainingListener.Decision;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;

/** What Android's events do to a run. */
@NullUnmarked
@RunWith(RobolectricTestRunner.class)
public class DevicePowerTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private final Application app = RuntimeEnvironment.getApplication();
  private TinyRun run;

  @Before
  public void write() throws IOException {
    run = TinyRun.in(folder.getRoot().toPath());
    TinyRun.giveHeap();
    battery(80);
  }

  @SuppressWarnings("deprecation")
  private void battery(int percent) {
    app.sendStickyBroadcast(
        new Intent(Intent.ACTION_BATTERY_CHANGED)
            .putExtra(BatteryManager.EXTRA_LEVEL, percent)
            .putExtra(BatteryManager.EXTRA_SCALE, 100)
            .putExtra(BatteryManager.EXTRA_STATUS, BatteryManager.BATTERY_STATUS_DISCHARGING));
  }

  private PowerManager power() {
    return app.getSystemService(PowerManager.class);
  }

  private List<Decision> decisions(FineTuningSettings settings, FineTuningResult.End end)
      throws InterruptedException {
    List<Decision> decisions = Collections.synchronizedList(new ArrayList<>());
    FineTuning tuning =
        FineTuning.of(
            app,
            settings,
            new FineTuningListener() {
              @Override
              public void onDecision(Decision decision) {
                decisions.add(decision);
              }
            });
    tuning.start();
    FineTuningResult outcome = tuning.await();
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.end()).isEqualTo(end);
    return decisions;
  }

  @Test
  public void aHotDeviceRunsAtHalfSpeedToTheSameBits() throws Exception {
    shadowOf(power()).setCurrentThermalStatus(PowerManager.THERMAL_STATUS_MODERATE);

    List<Decision> decisions =
        decisions(run.settings("out").build(), FineTuningResult.End.FINISHED);
    assertThat(decisions).hasSize(1);
    assertThat(decisions.get(0).policy()).isEqualTo("thermal-status");
    assertThat(decisions.get(0).rate()).isEqualTo(0.5);
    assertThat(run.adapter("out")).isEqualTo(run.undisturbed());
  }

  @Test
  public void aLowBatteryStopsWithACheckpoint() throws Exception {
    battery(15);
    FineTuningSettings settings = run.settings("out").batteryFloor(20).build();

    List<Decision> decisions = decisions(settings, FineTuningResult.End.STOPPED);
    assertThat(decisions.get(0).policy()).isEqualTo("battery-floor");
    battery(80);
    assertThat(decisions(settings, FineTuningResult.End.FINISHED)).isEmpty();
    assertThat(run.adapter("out")).isEqualTo(run.undisturbed());
  }

  @Test
  public void belowTheThresholdARunIsSlower() throws Exception {
    battery(40);
    List<Decision> decisions =
        decisions(run.settings("out").power(60, 0.25).build(), FineTuningResult.End.FINISHED);
    assertThat(decisions.get(0).rate()).isEqualTo(0.75);
    assertThat(decisions.get(0).reason()).contains("40 %");
  }

  @Test
  public void aPersonWhoSavesPowerIsHeard() throws Exception {
    shadowOf(power()).setIsPowerSaveMode(true);
    List<Decision> decisions =
        decisions(run.settings("out").build(), FineTuningResult.End.FINISHED);
    assertThat(decisions.get(0).policy()).isEqualTo("power-saver");
  }

  /** A run that reads the sensors at each chance, and what happens to its device after a step. */
  private FineTuning during(FineTuningSettings settings, List<Decision> decisions, Runnable event) {
    AndroidDeviceProbe probe = new AndroidDeviceProbe(app);
    AtomicReference<FineTuning> tuning = new AtomicReference<>();
    tuning.set(
        new FineTuning(
            settings,
            TinyRun.LIMITS,
            run.folder(),
            new DevicePower(probe, () -> 0, List.of(), 0),
            new FineTuningListener() {
              @Override
              public void onStep(Step made) {
                if (made.step() == 4) {
                  event.run();
                }
              }

              @Override
              public void onDecision(Decision decision) {
                decisions.add(decision);
                if (decision.rate() == 0) {
                  tuning.get().stop(); // while it waits
                }
              }
            }));
    tuning.get().start();
    return tuning.get();
  }

  @Test
  public void aDeviceThatBecomesHotSlowsARunDown() throws Exception {
    List<Decision> decisions = new ArrayList<>();
    FineTuningResult outcome =
        during(
                run.settings("out").build(),
                decisions,
                () -> shadowOf(power()).setCurrentThermalStatus(PowerManager.THERMAL_STATUS_SEVERE))
            .await();

    assertThat(outcome.end()).isEqualTo(FineTuningResult.End.FINISHED);
    assertThat(decisions).hasSize(1);
    assertThat(decisions.get(0).step()).isEqualTo(4);
    assertThat(decisions.get(0).rate()).isEqualTo(0.25);
    assertThat(run.adapter("out")).isEqualTo(run.undisturbed());
  }

  @Test
  public void inDangerousHeatARunWaitsAndCanBeStopped() throws Exception {
    List<Decision> decisions = new ArrayList<>();
    FineTuningSettings settings = run.settings("out").build();
    FineTuningResult outcome =
        during(
                settings,
                decisions,
                () ->
                    shadowOf(power()).setCurrentThermalStatus(PowerManager.THERMAL_STATUS_CRITICAL))
            .await();

    assertThat(decisions.get(0).rate()).isZero();
    assertThat(outcome.end()).isEqualTo(FineTuningResult.End.STOPPED);
    assertThat(run.folder().resolve("out/checkpoint-" + outcome.steps())).isDirectory();
    shadowOf(power()).setCurrentThermalStatus(PowerManager.THERMAL_STATUS_NONE);
    decisions(settings, FineTuningResult.End.FINISHED);
    assertThat(run.adapter("out")).isEqualTo(run.undisturbed());
  }

  @Test
  public void aBatteryThatRunsLowStopsARunUntilItIsCharged() throws Exception {
    List<Decision> decisions = new ArrayList<>();
    FineTuningSettings settings = run.settings("out").batteryFloor(20).build();
    FineTuningResult outcome = during(settings, decisions, () -> battery(18)).await();

    assertThat(outcome.end()).isEqualTo(FineTuningResult.End.STOPPED);
    assertThat(outcome.steps()).isEqualTo(4);
    assertThat(decisions.get(0).policy()).isEqualTo("battery-floor");
    assertThat(run.folder().resolve("out/checkpoint-4")).isDirectory();
    battery(60);
    decisions(settings, FineTuningResult.End.FINISHED);
    assertThat(run.adapter("out")).isEqualTo(run.undisturbed());
  }

  @Test
  public void aRunOnTheChargerWaitsWithoutIt() throws Exception {
    charger(true);
    List<Decision> decisions = new ArrayList<>();
    FineTuningSettings settings = run.settings("out").put("only_charging", true).build();
    FineTuningResult outcome = during(settings, decisions, () -> charger(false)).await();

    assertThat(decisions.get(0).policy()).isEqualTo("only-charging");
    assertThat(outcome.end()).isEqualTo(FineTuningResult.End.STOPPED);
    assertThat(outcome.steps()).isEqualTo(4);
  }

  @SuppressWarnings("deprecation")
  private void charger(boolean connected) {
    app.sendStickyBroadcast(
        new Intent(Intent.ACTION_BATTERY_CHANGED)
            .putExtra(BatteryManager.EXTRA_LEVEL, 80)
            .putExtra(BatteryManager.EXTRA_SCALE, 100)
            .putExtra(
                BatteryManager.EXTRA_STATUS,
                connected
                    ? BatteryManager.BATTERY_STATUS_CHARGING
                    : BatteryManager.BATTERY_STATUS_DISCHARGING));
  }
}
