package org.mobilefinetuner.android;

import java.util.function.LongSupplier;
import org.mobilefinetuner.train.StepGate;
import org.mobilefinetuner.train.TrainingListener;

/** A gate that a person can close, in front of the one that the device decides about. */
final class PauseGate implements StepGate {
  private final LongSupplier nanoClock;
  private volatile StepGate device = StepGate.OPEN;
  private boolean closed;
  private boolean released;
  private long waitedNanos; // since the gate was passed last; of the thread that trains

  PauseGate(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** The same gate in front of another. */
  PauseGate before(StepGate other) {
    device = other;
    return this;
  }

  synchronized void close() {
    closed = true;
  }

  synchronized void open() {
    closed = false;
    notifyAll();
  }

  @Override
  public void release() {
    synchronized (this) {
      released = true;
      notifyAll();
    }
    device.release();
  }

  @Override
  public Passage beforeRun(int steps, TrainingListener told) {
    return passage(device.beforeRun(steps, told));
  }

  @Override
  public Passage afterStep(int step, long stepNanos, TrainingListener told) {
    return passage(device.afterStep(step, stepNanos, told));
  }

  private Passage passage(Passage devices) {
    waitWhileClosed();
    long waited = waitedNanos;
    waitedNanos = 0;
    return new Passage(devices.pausedNanos() + waited, devices.stop());
  }

  @Override
  public void betweenSegments() {
    waitWhileClosed();
    device.betweenSegments();
  }

  private synchronized void waitWhileClosed() {
    if (!closed || released) {
      return;
    }
    long start = nanoClock.getAsLong();
    while (closed && !released) {
      try {
        wait();
      } catch (InterruptedException e) {
        released = true; // whoever interrupts the thread wants it to end
        Thread.currentThread().interrupt();
      }
    }
    waitedNanos += nanoClock.getAsLong() - start;
  }
}
