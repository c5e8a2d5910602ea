package org.mobilefinetuner.android;

import android.app.job.JobInfo;

/**
 * When Android may let a job fine-tune.
 *
 * @param charging only on a charger
 * @param idle only while nobody uses the device
 * @param batteryNotLow only above the level at which Android warns
 * @param storageNotLow only while there is room for checkpoints
 */
public record JobConditions(
    boolean charging, boolean idle, boolean batteryNotLow, boolean storageNotLow) {
  /** All of them: what runs at night, unnoticed. */
  public static final JobConditions OVERNIGHT = new JobConditions(true, true, true, true);

  /** On a charger, also while somebody uses the device. */
  public static final JobConditions CHARGING = new JobConditions(true, false, true, true);

  JobInfo.Builder on(JobInfo.Builder job) {
    return job.setRequiresCharging(charging)
        .setRequiresDeviceIdle(idle)
        .setRequiresBatteryNotLow(batteryNotLow)
        .setRequiresStorageNotLow(storageNotLow);
  }
}
