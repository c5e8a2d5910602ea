package org.mobilefinetuner.android;

import android.os.Process;

/** Lets the app's main thread, and other apps, go first. */
final class BackgroundPriority {
  private BackgroundPriority() {}

  /** For the calling thread, and those that it makes. */
  static void take() {
    Process.setThreadPriority(Process.THREAD_PRIORITY_BACKGROUND);
  }
}
