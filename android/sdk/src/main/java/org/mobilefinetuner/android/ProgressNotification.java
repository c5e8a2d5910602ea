package org.mobilefinetuner.android;

import android.app.Notification;
import android.app.NotificationChannel;
import android.app.NotificationManager;
import android.app.PendingIntent;
import android.content.Intent;
import android.graphics.drawable.Icon;
import android.os.SystemClock;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.train.TrainingListener;

/**
 * The notification of a run: how far it is, and what can be done about it. Made by {@link
 * FineTuningService#notification} on the main thread; its texts are asked for on the thread that
 * trains.
 */
public class ProgressNotification {
  private static final String CHANNEL = "fine-tuning";
  private static final long BETWEEN = 1000; // milliseconds; Android drops what comes more often

  private final FineTuningService service;
  private String text = "";
  private int step;
  private int steps;
  private boolean resting;
  private long shownAt = -BETWEEN;

  /**
   * @param service whose buttons these are
   */
  public ProgressNotification(FineTuningService service) {
    this.service = service;
  }

  /** What the channel and the notification are called. */
  protected String title() {
    return "Fine-tuning";
  }

  protected String startingText() {
    return "Reading the model and the data";
  }

  protected String stepText(int step, int steps, double loss) {
    return String.format(Locale.getDefault(), "Step %d of %d, loss %.3f", step, steps, loss);
  }

  protected String pauseText() {
    return "Pause";
  }

  protected String resumeText() {
    return "Resume";
  }

  protected String stopText() {
    return "Stop";
  }

  /** A white drawing on nothing, of 24 dp. */
  protected Icon icon() {
    return Icon.createWithResource(service, android.R.drawable.stat_notify_sync);
  }

  final synchronized Notification starting() {
    NotificationManager manager = service.getSystemService(NotificationManager.class);
    manager.createNotificationChannel(
        new NotificationChannel(CHANNEL, title(), NotificationManager.IMPORTANCE_LOW));
    text = startingText();
    return build();
  }

  final synchronized Notification started(int firstStep, int all) {
    step = firstStep;
    steps = all;
    return build();
  }

  /** Null if the last one was shown a moment ago. */
  final synchronized @Nullable Notification step(TrainingListener.Step made) {
    step = made.step();
    text = stepText(step, steps, made.loss());
    long now = SystemClock.elapsedRealtime();
    if (now - shownAt < BETWEEN && step < steps) {
      return null;
    }
    shownAt = now;
    return build();
  }

  final synchronized Notification paused(boolean paused) {
    resting = paused;
    return build();
  }

  private Notification build() {
    return new Notification.Builder(service, CHANNEL)
        .setSmallIcon(icon())
        .setContentTitle(title())
        .setContentText(text)
        .setProgress(steps, step, steps == 0)
        .setOngoing(true)
        .setOnlyAlertOnce(true)
        .setCategory(Notification.CATEGORY_PROGRESS)
        .addAction(
            resting
                ? action(FineTuningService.RESUME, resumeText())
                : action(FineTuningService.PAUSE, pauseText()))
        .addAction(action(FineTuningService.STOP, stopText()))
        .build();
  }

  private Notification.Action action(String what, String label) {
    Intent intent = new Intent(service, service.getClass()).setAction(what);
    PendingIntent pending =
        PendingIntent.getService(
            service, 0, intent, PendingIntent.FLAG_IMMUTABLE | PendingIntent.FLAG_UPDATE_CURRENT);
    return new Notification.Action.Builder(icon(), label, pending).build();
  }
}
