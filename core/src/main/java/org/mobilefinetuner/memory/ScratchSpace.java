package org.mobilefinetuner.memory;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** The space that scratch files need on a disk, looked at before hours are spent on a run. */
public final class ScratchSpace {
  private ScratchSpace() {}

  /**
   * Checks that there is room for so many bytes. They are not reserved: others may take them.
   *
   * @throws IOException if there is not
   */
  public static void require(Path folder, long bytes) throws IOException {
    if (bytes == 0 || !Files.isDirectory(folder)) {
      return; // whoever writes there will say so
    }
    FileStore disk = Files.getFileStore(folder);
    long free = disk.getUsableSpace();
    if (free < bytes && disk.getTotalSpace() > 0) { // 0 where the system does not know
      throw new IOException(
          "expected "
              + megabytes(bytes)
              + " MB of free space for scratch files in "
              + folder
              + ", found "
              + megabytes(free)
              + " MB; free some space, or set TMPDIR to another folder");
    }
  }

  private static long megabytes(long bytes) {
    return (bytes + 999_999) / 1_000_000;
  }
}
