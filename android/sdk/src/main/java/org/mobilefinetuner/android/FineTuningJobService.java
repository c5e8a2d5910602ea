package org.mobilefinetuner.android;

import android.app.job.JobInfo;
import android.app.job.JobParameters;
import android.app.job.JobScheduler;
import android.app.job.JobService;
import android.content.ComponentName;
import android.content.Context;
import android.os.PersistableBundle;
import android.util.Log;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fine-tunes when the device has time for it, such as on the charger at night.
 *
 * <p>When a condition ends, Android stops the job: it writes a checkpoint and is scheduled again,
 * and goes on from there when the conditions hold the next time, also in another process or after
 * the device was started again. It ends with the bits of a run that was never stopped. It is also
 * scheduled again when the storage is full, and not when it is finished or has failed.
 *
 * <p>An app that wants to watch extends this class and names its own in the manifest.
 */
public class FineTuningJobService extends JobService {
  private static final String TAG = "FineTuningJob";
  private static final String SETTINGS = "settings";

  private final Map<Integer, FineTuning> running = new HashMap<>();

  /**
   * Schedules a run; one that is scheduled under the same id is replaced.
   *
   * @return whether Android has taken it
   */
  public static boolean schedule(
      Context context, int id, FineTuningSettings settings, JobConditions conditions) {
    return schedule(context, id, settings, conditions, FineTuningJobService.class);
  }

  /** The same with an app's own service. */
  public static boolean schedule(
      Context context,
      int id,
      FineTuningSettings settings,
      JobConditions conditions,
      Class<? extends FineTuningJobService> service) {
    PersistableBundle extras = new PersistableBundle();
    extras.putString(SETTINGS, settings.json());
    JobInfo job =
        conditions
            .on(new JobInfo.Builder(id, new ComponentName(context, service)))
            .setExtras(extras)
            .setPersisted(true)
            .build();
    JobScheduler scheduler = context.getSystemService(JobScheduler.class);
    return scheduler.schedule(job) == JobScheduler.RESULT_SUCCESS;
  }

  /** The attempt at a run; an app may give it a power policy of its own. */
  protected FineTuning attempt(FineTuningSettings settings, FineTuningListener listener) {
    return FineTuning.of(this, settings, listener);
  }

  /** Told how the job's attempts go, on the thread that trains. */
  protected FineTuningListener listener(FineTuningSettings settings) {
    return FineTuningListener.NONE;
  }

  @Override
  public boolean onStartJob(JobParameters job) {
    @Nullable FineTuningSettings settings = settings(job);
    if (settings == null) {
      return false;
    }
    FineTuningListener told = listener(settings);
    FineTuning tuning = attempt(settings, new EndListener(told, outcome -> ended(job, outcome)));
    running.put(job.getJobId(), tuning);
    tuning.start();
    return true;
  }

  /** Returns at once; the step that is being made ends with a checkpoint. */
  @Override
  public boolean onStopJob(JobParameters job) {
    FineTuning tuning = running.remove(job.getJobId());
    if (tuning != null) {
      tuning.stop();
    }
    return true;
  }

  private @Nullable FineTuningSettings settings(JobParameters job) {
    try {
      return FineTuningSettings.parse(String.valueOf(job.getExtras().getString(SETTINGS)));
    } catch (IOException e) {
      Log.e(TAG, "Job " + job.getJobId() + " is not started: its settings cannot be read", e);
      return null;
    }
  }

  /** Called on the thread that trains; the map is the main thread's. */
  private void ended(JobParameters job, FineTuningResult outcome) {
    if (outcome.failure() != null) {
      Log.e(TAG, "Job " + job.getJobId() + " has failed", outcome.failure());
    }
    getMainExecutor()
        .execute(
            () -> {
              if (running.remove(job.getJobId()) != null) { // not stopped by Android
                jobFinished(job, outcome.canGoOn());
              }
            });
  }
}
