package org.mobilefinetuner.android;

import org.mobilefinetuner.train.TrainingListener;

/**
 * Watches a run from its plan to its outcome. Called on the thread that trains, which waits: be
 * quick, or wrap it with {@link MainThreadListener}.
 */
public interface FineTuningListener extends TrainingListener {
  /** Hears nothing. */
  FineTuningListener NONE = new FineTuningListener() {};

  /**
   * Before the first step.
   *
   * @param plan how the run is kept within the device's memory
   * @param firstStep the step that the run goes on after; 0 for a new one
   * @param steps how many it has in the end
   */
  default void onStart(RunPlan plan, int firstStep, int steps) {}

  /** The run was paused or goes on. */
  default void onPaused(boolean paused) {}

  /** The last call, whatever has happened. */
  default void onResult(FineTuningResult outcome) {}
}
