package org.mobilefinetuner.train;

import java.util.function.LongSupplier;

/** A stopwatch for the phases of an optimizer step, which alternate while micro-batches follow. */
final class StepTimes {
  private final LongSupplier nanoClock;
  private long last;
  private long forward;
  private long backward;
  private long update;

  /** Starts it. */
  StepTimes(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    last = nanoClock.getAsLong();
  }

  void forwardEnded() {
    forward += lap();
  }

  void backwardEnded() {
    backward += lap();
  }

  void updateEnded() {
    update += lap();
  }

  private long lap() {
    long before = last;
    last = nanoClock.getAsLong();
    return last - before;
  }

  /** Nanoseconds of each phase so far. */
  TrainingListener.Phases phases() {
    return new TrainingListener.Phases(forward, backward, update);
  }
}
