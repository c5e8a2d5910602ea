package org.mobilefinetuner.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of threads that share out numbered tasks.
 *
 * <p>Tasks are taken one by one from a counter, so that a slow core takes fewer. Which thread runs
 * a task is left open; a task must therefore write only what no other task writes.
 *
 * <p>A training step is some hundred short runs, one after the other: helpers look for the next one
 * for a moment before they sleep, and whoever wakes too late is not waited for. One thread at a
 * time may call {@link #run}.
 */
public final class Parallel implements AutoCloseable {
  /** Runs task number {@code task}; {@code thread} is between 0 and {@code threads()}. */
  @FunctionalInterface
  public interface Task {
    void run(int task, int thread);
  }

  /** Looks before a thread sleeps, a fraction of a microsecond each where nothing else runs. */
  private static final int LOOKS = 500;

  private static final int OVER = Integer.MIN_VALUE; // added when nobody may enter any more

  private static final Task NONE = (i, thread) -> {};

  private final Thread[] helpers;
  private volatile boolean closed;

  // A run, which whoever has entered it may read: it does not end before they leave.
  private Task task = NONE;
  private int tasks;
  private Thread caller = Thread.currentThread();
  private @Nullable Throwable failure; // the first one; guarded by `next`
  private final AtomicInteger next = new AtomicInteger(); // the first task that nobody has taken
  private final AtomicInteger inside = new AtomicInteger(OVER); // helpers that are busy with it

  /** A team of {@code threads}, the calling thread being one of them. */
  public Parallel(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("expected at least 1 thread, found " + threads);
    }
    helpers = new Thread[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      int thread = i + 1;
      helpers[i] = new Thread(() -> help(thread), "mft-kernel-" + thread);
      helpers[i].setDaemon(true);
      helpers[i].start();
    }
  }

  public int threads() {
    return helpers.length + 1;
  }

  /** Runs tasks 0 to {@code tasks}; returns when all have ended, throws what one has thrown. */
  public void run(int tasks, Task task) {
    int wanted = Math.min(helpers.length, tasks - 1);
    if (wanted <= 0) {
      for (int i = 0; i < tasks; i++) {
        task.run(i, 0);
      }
      return;
    }
    begin(tasks, task);
    for (int i = 0; i < wanted; i++) {
      LockSupport.unpark(helpers[i]);
    }
    drain(0);
    awaitHelpers();
    this.task = NONE; // holds on to nothing
    rethrow();
  }

  private void begin(int tasks, Task task) {
    if (inside.get() != OVER) {
      throw new IllegalStateException(
          "expected one run at a time, found one that has not ended: a task cannot run others");
    }
    this.tasks = tasks;
    this.task = task;
    caller = Thread.currentThread();
    failure = null;
    next.set(0);
    inside.set(0);
  }

  private void help(int thread) {
    int looks = 0;
    while (!closed) {
      if (enter()) {
        drain(thread);
        leave();
        looks = 0;
      } else {
        rest(looks++, this);
      }
    }
  }

  /** Succeeds where a run has tasks left. */
  private boolean enter() {
    for (int n = inside.get(); n >= 0 && next.get() < tasks; n = inside.get()) {
      if (inside.compareAndSet(n, n + 1)) {
        return true;
      }
    }
    return false;
  }

  private void drain(int thread) {
    try {
      for (int i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
        task.run(i, thread);
      }
    } catch (RuntimeException | Error e) {
      synchronized (next) {
        failure = failure == null ? e : failure;
      }
      next.set(tasks);
    }
  }

  private void leave() {
    Thread waiting = caller; // before another run can begin
    if (inside.decrementAndGet() == OVER) {
      LockSupport.unpark(waiting);
    }
  }

  /** Ends the run. An interrupt does not: the arrays are being written. */
  private void awaitHelpers() {
    boolean interrupted = false;
    inside.addAndGet(OVER);
    for (int looks = 0; inside.get() != OVER; looks++) {
      rest(looks, this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Gives way to other threads; sleeps after many looks, until a permit comes. */
  @SuppressWarnings("ThreadPriorityCheck") // threads may outnumber processors
  private static void rest(int looks, Object blocker) {
    if (looks < LOOKS) {
      Thread.yield();
    } else {
      LockSupport.park(blocker);
    }
  }

  private void rethrow() {
    Throwable thrown = failure;
    if (thrown instanceof Error e) {
      throw e;
    }
    if (thrown != null) {
      throw (RuntimeException) thrown;
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
  }
}
