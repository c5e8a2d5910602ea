package org.mobilefinetuner.android;

import static org.assertj.core.api.Assertions.assertThat;
import static org.robolectric.Shadows.shadowOf;

import android.app.Application;
import android.app.job.JobInfo;
import android.app.job.JobParameters;
import android.app.job.JobScheduler;
import android.os.Looper;
import android.os.PersistableBundle;
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

@NullUnmarked
@RunWith(RobolectricTestRunner.class)
public class FineTuningJobServiceTest {
  private static final int ID = 7;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private TinyRun run;
  private FineTuningSettings settings;

  /** Waits after its fourth step until the test lets it go. */
  public static final class Watched extends FineTuningJobService {
    private final CountDownLatch fourth = new CountDownLatch(1);
    private final CountDownLatch goesOn = new CountDownLatch(1);
    private FineTuning attempt;

    @Override
    protected FineTuning attempt(FineTuningSettings settings, FineTuningListener listener) {
      attempt = super.attempt(settings, listener);
      return attempt;
    }

    @Override
    protected FineTuningListener listener(FineTuningSettings settings) {
      return new FineTuningListener() {
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
      };
    }
  }

  @Before
  public void write() throws IOException {
    run = TinyRun.in(folder.getRoot().toPath());
    settings = run.settings("out").build();
    TinyRun.giveHeap();
  }

  private JobParameters scheduled() {
    Application app = RuntimeEnvironment.getApplication();
    assertThat(
            FineTuningJobService.schedule(
                app, ID, settings, JobConditions.OVERNIGHT, Watched.class))
        .isTrue();
    JobInfo job = app.getSystemService(JobScheduler.class).getPendingJob(ID);
    return new JobParameters(
        null, null, ID, job.getExtras(), null, null, 0, false, false, false, null, null, null);
  }

  @Test
  public void aJobHasTheConditions() {
    scheduled();
    Application app = RuntimeEnvironment.getApplication();
    JobInfo job = app.getSystemService(JobScheduler.class).getPendingJob(ID);

    assertThat(job.isRequireCharging()).isTrue();
    assertThat(job.isRequireDeviceIdle()).isTrue();
    assertThat(job.isRequireBatteryNotLow()).isTrue();
    assertThat(job.isRequireStorageNotLow()).isTrue();
    assertThat(job.isPersisted()).isTrue();
  }

  @Test
  public void aStoppedJobIsScheduledAgainAndGoesOnToTheSameBits() throws Exception {
    JobParameters job = scheduled();
    Watched first = Robolectric.setupService(Watched.class);
    assertThat(first.onStartJob(job)).isTrue();
    first.fourth.await();

    assertThat(first.onStopJob(job)).isTrue();
    Watched second = Robolectric.setupService(Watched.class);
    second.goesOn.countDown();
    second.onStartJob(job); // while the first is still at its step
    first.goesOn.countDown();

    assertThat(first.attempt.await().end()).isEqualTo(FineTuningResult.End.STOPPED);
    assertThat(first.attempt.await().steps()).isEqualTo(4);
    FineTuningResult outcome = second.attempt.await();
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.end()).isEqualTo(FineTuningResult.End.FINISHED);
    assertThat(run.adapter("out")).isEqualTo(run.undisturbed());

    shadowOf(Looper.getMainLooper()).idle();
    assertThat(shadowOf(first).getIsJobFinished()).isFalse(); // Android has ended it itself
    assertThat(shadowOf(second).getIsJobFinished()).isTrue();
    assertThat(shadowOf(second).getIsRescheduleNeeded()).isFalse();
  }

  /** Has no room for a checkpoint. */
  public static final class OnFullDevice extends FineTuningJobService {
    private FineTuning attempt;

    @Override
    protected FineTuning attempt(FineTuningSettings settings, FineTuningListener listener) {
      attempt =
          new FineTuning(
              settings,
              TinyRun.LIMITS,
              settings.output(),
              new Storage(path -> 1000),
              PowerControl.NONE,
              listener);
      return attempt;
    }
  }

  @Test
  public void aJobWithoutRoomIsScheduledAgain() throws Exception {
    OnFullDevice service = Robolectric.setupService(OnFullDevice.class);
    service.onStartJob(scheduled());

    assertThat(service.attempt.await().failure()).isInstanceOf(NoRoomException.class);
    shadowOf(Looper.getMainLooper()).idle();
    assertThat(shadowOf(service).getIsJobFinished()).isTrue();
    assertThat(shadowOf(service).getIsRescheduleNeeded()).isTrue();
  }

  @Test
  public void aJobWithSettingsThatCannotBeReadIsNotStarted() {
    PersistableBundle extras = new PersistableBundle();
    extras.putString("settings", "{");
    JobParameters job =
        new JobParameters(
            null, null, ID, extras, null, null, 0, false, false, false, null, null, null);
    assertThat(Robolectric.setupService(Watched.class).onStartJob(job)).isFalse();
  }

  @Test
  public void conditionsAreChosen() {
    Application app = RuntimeEnvironment.getApplication();
    FineTuningJobService.schedule(app, ID, settings, JobConditions.CHARGING);
    JobInfo job = app.getSystemService(JobScheduler.class).getPendingJob(ID);
    assertThat(job.isRequireCharging()).isTrue();
    assertThat(job.isRequireDeviceIdle()).isFalse();
    assertThat(job.getService().getClassName()).isEqualTo(FineTuningJobService.class.getName());
  }

  @Test
  public void aJobThatCannotBeDoneIsNotScheduledAgain() throws Exception {
    settings = run.settings("out").maxLength(1000).build();
    Watched service = Robolectric.setupService(Watched.class);
    service.onStartJob(scheduled());

    assertThat(service.attempt.await().failure()).hasMessageContaining("24 positions");
    shadowOf(Looper.getMainLooper()).idle();
    assertThat(shadowOf(service).getIsJobFinished()).isTrue();
    assertThat(shadowOf(service).getIsRescheduleNeeded()).isFalse();
  }
}
