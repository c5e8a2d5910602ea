package org.mobilefinetuner.android;

import android.app.Notification;
import android.app.NotificationManager;
import android.app.Service;
import android.content.Context;
import android.content.Intent;
import android.content.pm.ServiceInfo;
import android.os.Binder;
import android.os.Build;
import android.os.IBinder;
import android.os.PowerManager;
import android.util.Log;
import java.io.IOException;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Fine-tunes now, with a notification that shows how far it is and can pause and stop it.
 *
 * <p>A foreground service of type {@code dataSync}: where an app targets Android 15, the system
 * gives it six hours a day; then the service saves and ends, and the same settings go on another
 * time, or in {@link FineTuningJobService}. After the process has died, Android starts the service
 * again, and the run goes on from its last checkpoint; from Android 12 on only if the app is
 * visible then, otherwise when it starts the service the next time.
 *
 * <p>Activities bind to it, {@link Local#watch} it and ask {@link Local#tuning}. An app that wants
 * another power policy or other words extends it.
 */
public class FineTuningService extends Service {
  /** Actions of intents to the service; {@code SETTINGS} is the extra of {@code START}. */
  public static final String START = "org.mobilefinetuner.START";

  public static final String PAUSE = "org.mobilefinetuner.PAUSE";
  public static final String RESUME = "org.mobilefinetuner.RESUME";
  public static final String STOP = "org.mobilefinetuner.STOP";

  private static final String TAG = "FineTuningService";
  private static final String SETTINGS = "settings";
  private static final int NOTIFICATION = 0x6d6674;
  private static final long LONGEST = TimeUnit.HOURS.toMillis(6);

  private final CopyOnWriteArraySet<FineTuningListener> watchers = new CopyOnWriteArraySet<>();
  private final Local local = new Local();
  private @Nullable FineTuning tuning;
  private PowerManager.@Nullable WakeLock awake;

  /** Starts the service in the foreground; the app must be visible. */
  public static void start(Context context, FineTuningSettings settings) {
    context.startForegroundService(intent(context, FineTuningService.class, settings));
  }

  /** What starts an app's own service. */
  public static Intent intent(
      Context context, Class<? extends FineTuningService> service, FineTuningSettings settings) {
    return new Intent(context, service).setAction(START).putExtra(SETTINGS, settings.json());
  }

  /** The service within the same process. */
  public final class Local extends Binder {
    /** The latest attempt at a run, or null before the first. */
    public @Nullable FineTuning tuning() {
      return tuning;
    }

    /** Tells a listener of all runs from now on, on the thread that trains. */
    public void watch(FineTuningListener listener) {
      watchers.add(listener);
    }

    public void unwatch(FineTuningListener listener) {
      watchers.remove(listener);
    }
  }

  /** The attempt at a run; an app may give it a power policy of its own. */
  protected FineTuning attempt(FineTuningSettings settings, FineTuningListener listener) {
    return FineTuning.of(this, settings, listener);
  }

  /** The words and the icon of the notification. */
  protected ProgressNotification notification() {
    return new ProgressNotification(this);
  }

  @Override
  public IBinder onBind(Intent intent) {
    return local;
  }

  @Override
  public int onStartCommand(@Nullable Intent intent, int flags, int startId) {
    String action = intent == null ? STOP : String.valueOf(intent.getAction());
    FineTuning running = tuning;
    switch (action) {
      case PAUSE -> onRunning(running, FineTuning::pause);
      case RESUME -> onRunning(running, FineTuning::resume);
      case START -> begin(intent, running);
      default -> onRunning(running, FineTuning::stop);
    }
    boolean idle = tuning == null || tuning.state() == FineTuning.State.ENDED;
    if (idle) {
      stopForeground(STOP_FOREGROUND_REMOVE); // a service that is bound is not destroyed
      stopSelf(startId);
    }
    return idle ? START_NOT_STICKY : START_REDELIVER_INTENT;
  }

  private interface Change {
    void on(FineTuning tuning);
  }

  private static void onRunning(@Nullable FineTuning running, Change change) {
    if (running != null) {
      change.on(running);
    }
  }

  /** Takes a run up, if none is being made. */
  private void begin(@Nullable Intent intent, @Nullable FineTuning running) {
    ProgressNotification shown = notification();
    if (!foreground(shown.starting())) { // owed to Android within seconds of each start
      return;
    }
    if (intent == null || running != null && running.state() != FineTuning.State.ENDED) {
      return;
    }
    try {
      FineTuningSettings settings =
          FineTuningSettings.parse(String.valueOf(intent.getStringExtra(SETTINGS)));
      tuning = attempt(settings, new EndListener(new Watchers(shown), this::ended));
      awake = wakeLock();
      awake.acquire(LONGEST);
      tuning.start();
    } catch (IOException e) {
      Log.e(TAG, "Not started: the settings cannot be read", e);
    }
  }

  /**
   * Android 12 and later refuse in the background, such as when they have restarted the service
   * after its process died, and Android 15 when the day's hours are used.
   */
  private boolean foreground(Notification notification) {
    try {
      startForeground(notification);
      return true;
    } catch (IllegalStateException e) { // the class of what is thrown is one of Android 12
      Log.w(TAG, "Not started: Android does not allow it now; the same settings go on later", e);
      return false;
    }
  }

  private void startForeground(Notification notification) {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q) {
      startForeground(NOTIFICATION, notification);
    } else {
      startForeground(NOTIFICATION, notification, ServiceInfo.FOREGROUND_SERVICE_TYPE_DATA_SYNC);
    }
  }

  private PowerManager.WakeLock wakeLock() {
    PowerManager power = getSystemService(PowerManager.class);
    return power.newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, "mft:fine-tuning");
  }

  /** The last call of an attempt, on its thread. */
  private void ended(FineTuningResult outcome) {
    if (outcome.failure() != null) {
      Log.e(TAG, "The run has failed", outcome.failure());
    }
    PowerManager.WakeLock held = awake;
    if (held != null && held.isHeld()) {
      held.release();
    }
    getMainExecutor().execute(this::leave);
  }

  private void leave() {
    FineTuning last = tuning;
    if (last == null || last.state() == FineTuning.State.ENDED) {
      stopForeground(STOP_FOREGROUND_REMOVE);
      stopSelf();
    }
  }

  /** Android's time for a short service is over. */
  @Override
  public void onTimeout(int startId) {
    timeout();
  }

  /**
   * Android 15: the hours of a {@code dataSync} service are over; it has seconds to leave. The
   * method has no {@code @Override} because Android 14, which this is compiled against, lacks it.
   */
  public void onTimeout(int startId, int type) {
    timeout();
  }

  private void timeout() {
    onRunning(tuning, FineTuning::stop);
    stopForeground(STOP_FOREGROUND_REMOVE);
    stopSelf();
  }

  @Override
  public void onDestroy() {
    onRunning(tuning, FineTuning::stop);
    super.onDestroy();
  }

  /** Keeps the notification and those who watch up to date, on the thread that trains. */
  private final class Watchers extends EventRelay {
    private final ProgressNotification shown;

    Watchers(ProgressNotification shown) {
      this.shown = shown;
    }

    @Override
    void tell(Consumer<FineTuningListener> event) {
      watchers.forEach(event);
    }

    private void show(@Nullable Notification changed) {
      if (changed != null) {
        getSystemService(NotificationManager.class).notify(NOTIFICATION, changed);
      }
    }

    @Override
    public void onStart(RunPlan plan, int firstStep, int steps) {
      show(shown.started(firstStep, steps));
      super.onStart(plan, firstStep, steps);
    }

    @Override
    public void onStep(Step step) {
      show(shown.step(step));
      super.onStep(step);
    }

    @Override
    public void onPaused(boolean paused) {
      show(shown.paused(paused));
      super.onPaused(paused);
    }
  }
}
