package org.mobilefinetuner.android;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.model.LoadedWeights;

/**
 * Whether there is room for what a run writes: asked before its first step and before each
 * checkpoint, so that a full device is called one.
 */
final class Storage {
  /** The one that files are on. */
  static final Storage OF_DEVICE = new Storage(folder -> folder.toFile().getUsableSpace());

  private static final int MOMENTS = 2; // of the optimizer, for each number
  private static final long SMALL_FILES = 1 << 20; // settings, log, sums

  private final ToLongFunction<Path> usable;

  /**
   * @param usable the bytes that may still be written to a folder
   */
  Storage(ToLongFunction<Path> usable) {
    this.usable = usable;
  }

  /** The bytes of a checkpoint of {@code weights}: what is trained and the optimizer's state. */
  static long ofCheckpoint(LoadedWeights weights) {
    long numbers = 0;
    for (Parameter parameter : weights.parameters()) {
      numbers += parameter.value().size();
    }
    return (1 + MOMENTS) * numbers * Float.BYTES + SMALL_FILES;
  }

  /** Makes sure that so many bytes can be written to a folder, which need not be there yet. */
  void require(Path folder, long bytes) throws NoRoomException {
    long free = free(folder);
    if (free < bytes) {
      throw new NoRoomException(
          String.format(
              Locale.ROOT,
              "expected %.1f MB of free storage for a checkpoint, found %.1f MB at %s; delete"
                  + " something, then the same settings go on.",
              bytes * 1e-6,
              free * 1e-6,
              folder));
    }
  }

  private long free(Path folder) {
    Path there = folder.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    return usable.applyAsLong(there);
  }

  /** What has gone wrong, said as a lack of room if there is one. */
  IOException explain(IOException failure, Path folder, long bytes) {
    return hasNoRoom(failure) || free(folder) < bytes
        ? new NoRoomException(String.valueOf(failure.getMessage()), failure)
        : failure;
  }

  /** The same for what listeners throw. */
  IOException explain(UncheckedIOException failure, Path folder, long bytes) {
    return explain(new IOException(failure.getMessage(), failure.getCause()), folder, bytes);
  }

  private static boolean hasNoRoom(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof NoRoomException) {
        return true;
      }
    }
    return false;
  }
}
