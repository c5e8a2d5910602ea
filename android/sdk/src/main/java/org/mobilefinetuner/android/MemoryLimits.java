package org.mobilefinetuner.android;

import android.app.ActivityManager;
import android.content.Context;

/**
 * What a run may take on a device.
 *
 * <p>Android counts arrays and direct buffers to the Java heap, whose limit is small and fixed;
 * mapped files count to neither, and the system drops their pages when it needs them. So the values
 * of a step lie on the heap, and everything of a model's size in files.
 *
 * @param heapBytes of Java objects, the app's own included
 * @param appBytes of these that are left to the app
 */
public record MemoryLimits(long heapBytes, long appBytes) {
  private static final long MIB = 1 << 20;

  /**
   * The limits of this app: its memory class, or the large one if its manifest asks for that, less
   * 24 MiB for everything else that it does.
   */
  public static MemoryLimits of(Context context) {
    ActivityManager manager = context.getSystemService(ActivityManager.class);
    boolean large =
        (context.getApplicationInfo().flags & android.content.pm.ApplicationInfo.FLAG_LARGE_HEAP)
            != 0;
    int mebibytes = large ? manager.getLargeMemoryClass() : manager.getMemoryClass();
    return new MemoryLimits(mebibytes * MIB, 24 * MIB);
  }

  /** The limits of a process without an app, such as one of {@code app_process}. */
  public static MemoryLimits ofProcess() {
    return new MemoryLimits(Runtime.getRuntime().maxMemory(), 2 * MIB);
  }
}
