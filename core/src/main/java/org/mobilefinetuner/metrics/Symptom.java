package org.mobilefinetuner.metrics;

import java.util.Optional;

/**
 * Looks at a run for one kind of trouble. It is shown what happens and answers once when it sees
 * the trouble; what it needs to compare with it remembers itself.
 */
public interface Symptom {
  /**
   * A step as it is looked at.
   *
   * @param step from 1
   * @param steps of the run in all
   * @param loss nats per supervised token
   * @param elapsedNanos of the step
   * @param loadNanos of these for waiting for what is read
   */
  record Sample(int step, int steps, double loss, long elapsedNanos, long loadNanos) {}

  /**
   * What was found.
   *
   * @param kind such as {@code loss-spike}
   * @param message what was seen, with its numbers
   * @param advice what can be done
   */
  record Finding(String kind, String message, String advice) {}

  /** A step has ended. */
  default Optional<Finding> step(Sample sample) {
    return Optional.empty();
  }

  /** An evaluation has ended. */
  default Optional<Finding> evaluation(double loss) {
    return Optional.empty();
  }
}
