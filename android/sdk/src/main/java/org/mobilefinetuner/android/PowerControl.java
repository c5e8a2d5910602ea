package org.mobilefinetuner.android;

import org.mobilefinetuner.train.StepGate;

/** Decides when a run may work, in view of battery and heat. Asked once for each attempt. */
@FunctionalInterface
public interface PowerControl {
  /** Never slows a run down. */
  PowerControl NONE = (settings, steps) -> StepGate.OPEN;

  /**
   * The gate of an attempt.
   *
   * @param steps of the whole run
   */
  StepGate gate(FineTuningSettings settings, int steps);
}
