package org.mobilefinetuner.train;

/**
 * Decides between steps, and between the segments of a step, when a run may go on. It may wait,
 * which changes the time of a run and no bit of its result.
 */
public interface StepGate {
  /** Never waits. */
  StepGate OPEN = (step, stepNanos, told) -> new Passage(0, false);

  /**
   * @param pausedNanos how long the gate was closed since it was passed last
   * @param stop whether the run is to end here, as if it had been interrupted
   */
  record Passage(long pausedNanos, boolean stop) {}

  /**
   * Before the first step of a run, or of what is left of it.
   *
   * @param steps that were made already
   * @param told of readings and decisions
   */
  default Passage beforeRun(int steps, TrainingListener told) {
    return new Passage(0, false);
  }

  /**
   * After a step.
   *
   * @param step from 1
   * @param stepNanos how long it took
   * @param told of readings and decisions
   */
  Passage afterStep(int step, long stepNanos, TrainingListener told);

  /** Between two segments of a step: waits where going on would harm the device. */
  default void betweenSegments() {}

  /** The run is being stopped: ends a wait, and later ones, at once. From any thread. */
  default void release() {}
}
