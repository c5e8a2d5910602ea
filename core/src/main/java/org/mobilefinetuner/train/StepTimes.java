package org.mobilefinetuner.train;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.mobilefinetuner.train.TrainingListener.Phase;

/** A stopwatch for the phases of an optimizer step, which alternate while micro-batches follow. */
final class StepTimes {
  private final LongSupplier nanoClock;
  private final Consumer<Phase> ended;
  private long last;
  private long forward;
  private long backward;
  private long update;
  private long data;
  private long scratch;

  /**
   * Starts it.
   *
   * @param ended told of the end of each phase
   */
  StepTimes(LongSupplier nanoClock, Consumer<Phase> ended) {
    this.nanoClock = nanoClock;
    this.ended = ended;
    last = nanoClock.getAsLong();
  }

  void dataEnded() {
    data += lap();
  }

  /** Adds a time within the other phases that scratch files were waited for. */
  void waited(long nanos) {
    scratch += nanos;
  }

  void forwardEnded() {
    forward += lap();
    ended.accept(Phase.FORWARD);
  }

  void backwardEnded() {
    backward += lap();
    ended.accept(Phase.BACKWARD);
  }

  void updateEnded() {
    update += lap();
    ended.accept(Phase.UPDATE);
  }

  private long lap() {
    long before = last;
    last = nanoClock.getAsLong();
    return last - before;
  }

  /** Nanoseconds of each phase so far. */
  TrainingListener.Phases phases() {
    return new TrainingListener.Phases(forward, backward, update, data, scratch);
  }
}
