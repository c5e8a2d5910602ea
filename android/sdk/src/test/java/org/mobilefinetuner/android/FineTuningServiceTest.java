package org.mobilefinetuner.android;

import static org.assertj.core.api.Assertions.assertThat;
import static org.robolectric.Shadows.shadowOf;

import android.app.ForegroundServiceStartNotAllowedException;
import android.app.Notification;
import android.app.Service;
import android.content.Intent;
import android.content.pm.ServiceInfo;
import android.os.Looper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.NullUnmarked;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.android.controller.ServiceController;
import org.robolectric.shadows.ShadowPowerManager;

@NullUnmarked
@RunWith(RobolectricTestRunner.class)
public class FineTuningServiceTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private TinyRun run;
  private FineTuningSettings settings;

  @Before
  public void write() throws IOException {
    run = TinyRun.in(folder.getRoot().toPath());
    settings = run.settings("out").build();
    TinyRun.giveHeap();
  }

  private ServiceController<FineTuningService> service() {
    Intent intent =
        FineTuningService.intent(
            RuntimeEnvironment.getApplication(), FineTuningService.class, settings);
    return Robolectric.buildService(FineTuningService.class, intent).create();
  }

  private static FineTuningService.Local local(FineTuningService service) {
    return (FineTuningService.Local) service.onBind(new Intent());
  }

  private static int command(FineTuningService service, String action) {
    return service.onStartCommand(new Intent(action), 0, 2);
  }

  /** Waits after its fourth step until the test lets it go. */
  private static final class AtFourth implements FineTuningListener {
    private final CountDownLatch fourth = new CountDownLatch(1);
    private final CountDownLatch goesOn = new CountDownLatch(1);

    @Override
    public void onStep(Step step) {
      if (step.step() == 4) {
        fourth.countDown();
        try {
          goesOn.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  @Test
  public void aRunIsInTheForegroundUntilItHasEnded() throws Exception {
    ServiceController<FineTuningService> controller = service();
    FineTuningService service = controller.get();
    AtFourth watcher = new AtFourth();
    local(service).watch(watcher);
    controller.startCommand(0, 1);
    watcher.fourth.await();

    Notification shown = shadowOf(service).getLastForegroundNotification();
    assertThat(shown.extras.getCharSequence(Notification.EXTRA_TITLE)).hasToString("Fine-tuning");
    assertThat(shown.actions).hasSize(2);
    assertThat(service.getForegroundServiceType())
        .isEqualTo(ServiceInfo.FOREGROUND_SERVICE_TYPE_DATA_SYNC);
    assertThat(ShadowPowerManager.getLatestWakeLock().isHeld()).isTrue();

    watcher.goesOn.countDown();
    assertThat(local(service).tuning().await().end()).isEqualTo(FineTuningResult.End.FINISHED);
    shadowOf(Looper.getMainLooper()).idle();
    assertThat(shadowOf(service).isForegroundStopped()).isTrue();
    assertThat(shadowOf(service).isStoppedBySelf()).isTrue();
    assertThat(ShadowPowerManager.getLatestWakeLock().isHeld()).isFalse();
    assertThat(run.adapter("out")).isEqualTo(run.undisturbed());
  }

  @Test
  public void theNotificationPausesResumesAndStops() throws Exception {
    ServiceController<FineTuningService> controller = service();
    FineTuningService service = controller.get();
    AtFourth watcher = new AtFourth();
    local(service).watch(watcher);
    controller.startCommand(0, 1);
    watcher.fourth.await();

    assertThat(command(service, FineTuningService.PAUSE)).isEqualTo(Service.START_REDELIVER_INTENT);
    assertThat(local(service).tuning().state()).isEqualTo(FineTuning.State.PAUSED);
    command(service, FineTuningService.RESUME);
    assertThat(local(service).tuning().state()).isEqualTo(FineTuning.State.RUNNING);
    command(service, FineTuningService.STOP);
    watcher.goesOn.countDown();
    assertThat(local(service).tuning().await().end()).isEqualTo(FineTuningResult.End.STOPPED);
  }

  @Test
  public void whenAndroidsTimeIsOverTheRunIsSavedAndGoesOnLater() throws Exception {
    ServiceController<FineTuningService> controller = service();
    FineTuningService service = controller.get();
    AtFourth watcher = new AtFourth();
    local(service).watch(watcher);
    controller.startCommand(0, 1);
    watcher.fourth.await();
    service.onTimeout(1, ServiceInfo.FOREGROUND_SERVICE_TYPE_DATA_SYNC);

    assertThat(shadowOf(service).isStoppedBySelf()).isTrue();
    watcher.goesOn.countDown();
    assertThat(local(service).tuning().await().steps()).isEqualTo(4);
    controller.destroy();

    ServiceController<FineTuningService> again = service();
    again.startCommand(Service.START_FLAG_REDELIVERY, 1);
    FineTuningResult outcome = local(again.get()).tuning().await();
    assertThat(outcome.end()).isEqualTo(FineTuningResult.End.FINISHED);
    assertThat(run.adapter("out")).isEqualTo(run.undisturbed());
  }

  @Test
  public void aPausedRunIsSavedToo() throws Exception {
    ServiceController<FineTuningService> controller = service();
    FineTuningService service = controller.get();
    AtFourth watcher = new AtFourth();
    local(service).watch(watcher);
    controller.startCommand(0, 1);
    watcher.fourth.await();
    command(service, FineTuningService.PAUSE);
    watcher.goesOn.countDown();
    service.onTimeout(1);

    FineTuningResult outcome = local(service).tuning().await();
    assertThat(outcome.end()).isEqualTo(FineTuningResult.End.STOPPED);
    assertThat(outcome.steps()).isEqualTo(4);
    assertThat(settings.output().resolve("checkpoint-4")).isDirectory();
  }

  /** A real process with a real SIGKILL; then what Android does: it delivers the intent again. */
  @Test
  public void afterTheProcessHasDiedTheRunGoesOn() throws Exception {
    settings = run.settings("out").maxSteps(200).build();
    Process killed =
        ShellProcess.start(
            "train",
            "--model",
            settings.model(),
            "--data",
            settings.data(),
            "--output-dir",
            settings.output(),
            "--max-steps=200",
            "--batch-size=2",
            "--learning-rate=1e-2",
            "--save-steps=3",
            "--logging-steps=1");
    ShellProcess.awaitLine(killed, "step 11/");
    killed.destroyForcibly().waitFor();
    assertThat(settings.output().resolve("adapter_model.safetensors")).doesNotExist();

    List<Integer> begun = new ArrayList<>();
    ServiceController<FineTuningService> controller = service();
    local(controller.get())
        .watch(
            new FineTuningListener() {
              @Override
              public void onStart(RunPlan plan, int firstStep, int steps) {
                begun.add(firstStep);
              }
            });
    controller.startCommand(Service.START_FLAG_REDELIVERY, 1);
    FineTuningResult outcome = local(controller.get()).tuning().await();
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.end()).isEqualTo(FineTuningResult.End.FINISHED);
    assertThat(begun.get(0)).isGreaterThanOrEqualTo(9);
    run.run(run.settings("undisturbed").maxSteps(200).build(), FineTuningListener.NONE);
    assertThat(run.adapter("out")).isEqualTo(run.adapter("undisturbed"));
  }

  @Test
  public void whereAndroidDoesNotAllowItNothingIsStarted() {
    ServiceController<FineTuningService> controller = service();
    FineTuningService service = controller.get();
    shadowOf(service)
        .setThrowInStartForeground(
            new ForegroundServiceStartNotAllowedException("the app is in the background"));
    controller.startCommand(Service.START_FLAG_REDELIVERY, 1);

    assertThat(local(service).tuning()).isNull();
    assertThat(shadowOf(service).isStoppedBySelf()).isTrue();
  }

  @Test
  public void whatCannotBeReadLeavesNoNotification() {
    FineTuningService service = service().get();
    service.onStartCommand(new Intent(FineTuningService.START), 0, 1);

    assertThat(local(service).tuning()).isNull();
    assertThat(shadowOf(service).isForegroundStopped()).isTrue();
    assertThat(shadowOf(service).isStoppedBySelf()).isTrue();
  }

  @Test
  public void aSecondStartDoesNotDisturbTheFirst() throws Exception {
    ServiceController<FineTuningService> controller = service();
    FineTuningService service = controller.get();
    AtFourth watcher = new AtFourth();
    local(service).watch(watcher);
    controller.startCommand(0, 1);
    watcher.fourth.await();
    FineTuning first = local(service).tuning();
    controller.startCommand(0, 2);

    assertThat(local(service).tuning()).isSameAs(first);
    watcher.goesOn.countDown();
    assertThat(first.await().end()).isEqualTo(FineTuningResult.End.FINISHED);
  }

  @Test
  public void aServiceWithoutARunEnds() {
    FineTuningService service = service().get();
    assertThat(command(service, FineTuningService.PAUSE)).isEqualTo(Service.START_NOT_STICKY);
    assertThat(shadowOf(service).isStoppedBySelf()).isTrue();
  }
}
