package org.mobilefinetuner.android;

import static org.assertj.core.api.Assertions.assertThat;
import static org.robolectric.Shadows.shadowOf;

import android.app.Notification;
import android.app.Service;
import android.content.Intent;
import android.content.pm.ServiceInfo;
import android.os.Looper;
import java.io.IOException;
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
