package org.mobilefinetuner.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.DeviceReading;
import org.mobilefinetuner.model.Batch;

/**
 * Watches a run: all that happens in it is told here, in order. Called on the thread that trains.
 */
public interface TrainingListener {
  /**
   * A run begins, or goes on.
   *
   * @param step after which step; 0 at its beginning
   * @param steps that the run has in all
   */
  record Begin(int step, int steps) {}

  /** The parts of a step; forward and backward alternate where there are several micro-batches. */
  enum Phase {
    FORWARD,
    BACKWARD,
    UPDATE
  }

  /** How a run, or this part of it, has ended. */
  enum Outcome {
    FINISHED,
    INTERRUPTED,
    FAILED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The end of a run, or of this part of it.
   *
   * @param step after which step
   * @param reason of a failure that training itself has noticed; null otherwise
   */
  record End(int step, Outcome outcome, @Nullable String reason) {}

  /**
   * An optimizer step that has ended.
   *
   * @param step from 1
   * @param epoch how many passes over the data have been made, with a fraction
   * @param loss nats per supervised token, before the update
   * @param gradNorm the global norm before clipping
   * @param learningRate what this update was made with
   * @param tokens of this step
   * @param tokensSeen since the start of the run
   * @param elapsedNanos of this step, from asking for its examples to its update
   * @param pausedNanos how long the run was paused before this step
   * @param phases what of it went where
   * @param arenaBytes the most that the values of any step so far have taken at one time
   */
  record Step(
      int step,
      double epoch,
      double loss,
      double gradNorm,
      float learningRate,
      long tokens,
      long tokensSeen,
      long elapsedNanos,
      long pausedNanos,
      Phases phases,
      long arenaBytes) {}

  /**
   * The time of a step in parts.
   *
   * @param backwardNanos with what is computed again
   * @param updateNanos clipping and the optimizer
   * @param dataNanos waiting for the step's examples
   * @param scratchNanos what of all this was waiting for scratch files; the pages of a model's
   *     files are read as they are touched, which no clock can tell from computing
   */
  record Phases(
      long forwardNanos, long backwardNanos, long updateNanos, long dataNanos, long scratchNanos) {}

  /**
   * An evaluation on the validation set.
   *
   * @param step after which step
   * @param loss nats per supervised token
   * @param best whether no evaluation of this run was better
   */
  record Evaluation(int step, double epoch, double loss, boolean best, long elapsedNanos) {
    public double perplexity() {
      return Math.exp(loss);
    }
  }

  /**
   * What the device says of itself.
   *
   * @param step after which step; 0 before the first
   */
  record Device(int step, DeviceReading reading) {}

  /**
   * How fast the run is allowed to be from now on.
   *
   * @param step after which step; 0 before the first
   * @param rate share of full speed, 0 to 1
   * @param stop whether the run ends here
   * @param policy what decided it, such as {@code battery-threshold}
   * @param reason in words, with the values that were seen
   */
  record Decision(int step, double rate, boolean stop, String policy, String reason) {}

  /**
   * A sign of trouble.
   *
   * @param step after which step
   * @param kind such as {@code loss-spike}
   * @param message what was seen
   * @param advice what can be done
   */
  record Warning(int step, String kind, String message, String advice) {}

  /**
   * A checkpoint that was written.
   *
   * @param step after which step
   */
  record Saved(int step, Path folder, long elapsedNanos) {}

  default void onBegin(Begin begin) {}

  /** The next micro-batch to be learned from; both numbers as in the file, step from 1. */
  default void onBatch(int step, int microBatch, List<Batch.Sequence> sequences) {}

  /** A phase of a step has ended. */
  default void onPhase(Phase phase) {}

  default void onStep(Step step) {}

  default void onEvaluation(Evaluation evaluation) {}

  default void onDevice(Device device) {}

  /** When it is another than before. */
  default void onDecision(Decision decision) {}

  default void onWarning(Warning warning) {}

  default void onSaved(Saved saved) {}

  /**
   * After each step, and its evaluation if there is one; and once more where the run is stopped.
   */
  default void onBoundary(RunState state) {}

  /** After everything else, whatever the outcome. */
  default void onEnd(End end) {}
}
