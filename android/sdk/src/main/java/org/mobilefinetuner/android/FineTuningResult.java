package org.mobilefinetuner.android;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt at a run has ended.
 *
 * @param end why
 * @param steps made so far, by all attempts
 * @param loss the mean training loss over these steps, in nats per token; NaN if none was made
 * @param folder the output folder: the adapter or the model if the run is finished, and its log
 * @param failure what went wrong, if something has
 */
public record FineTuningResult(
    End end, int steps, double loss, Path folder, @Nullable Throwable failure) {
  /**
   * Whether the same settings may go on later without anybody changing them: the attempt was
   * stopped, or there was no room on the storage.
   */
  public boolean canGoOn() {
    return end == End.STOPPED || failure instanceof NoRoomException;
  }

  /** Why an attempt has ended. */
  public enum End {
    /** The result is in the folder. */
    FINISHED,
    /** It was stopped; the same settings go on from the last checkpoint. */
    STOPPED,
    /** It cannot go on as it is; see {@link FineTuningResult#failure}. */
    FAILED
  }
}
