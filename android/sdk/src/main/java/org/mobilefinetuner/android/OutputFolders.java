package org.mobilefinetuner.android;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** One attempt at a time writes to a folder: the next one waits until the last one has saved. */
final class OutputFolders {
  private static final Set<Path> BUSY = new HashSet<>();

  private OutputFolders() {}

  /** Waits until nobody in this process writes to the folder. */
  static void take(Path folder) throws InterruptedException {
    Path key = folder.toAbsolutePath().normalize();
    synchronized (BUSY) {
      while (!BUSY.add(key)) {
        BUSY.wait();
      }
    }
  }

  static void give(Path folder) {
    synchronized (BUSY) {
      BUSY.remove(folder.toAbsolutePath().normalize());
      BUSY.notifyAll();
    }
  }
}
