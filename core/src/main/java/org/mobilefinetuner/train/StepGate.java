package org.mobilefinetuner.train;

/**
 * Decides between steps, and between the segments of a step, when a run may go on. It may wait,
 * which changes the time of a run and no bit of its result.
 */
public interface StepGate {
  /** Never waits. */
  StepGate OPEN = (step, stepNanos, told) -> new Passage(0, false);

  /**
   * @param pausedNanos how long the gate was closed
   * @param stop whether the run is to end here, as if it had been interrupted
   */
  record Passage(long pausedNanos, boolean stop) {}

  /**
   * After a step.
   *
   * @param step from 1
   * @param stepNanos how long it took, with what it paused between segments
   * @param told of readings and decisions
   */
  Passage afterStep(int step, long stepNanos, TrainingListener told);

  /** Between two segments of a step: waits where going on would harm the device. */
  default void betweenSegments() {}
}
