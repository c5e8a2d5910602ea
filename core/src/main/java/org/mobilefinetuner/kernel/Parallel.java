package org.mobilefinetuner.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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

  private final Thread[] helpers;
  private volatile @Nullable Round round;
  private volatile boolean closed;

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
    Round mine = new Round(tasks, task);
    round = mine;
    for (int i = 0; i < wanted; i++) {
      LockSupport.unpark(helpers[i]);
    }
    mine.drain(0);
    round = null;
    mine.awaitHelpers();
    mine.rethrow();
  }

  private void help(int thread) {
    while (true) {
      Round next = await();
      if (next == null) {
        return;
      }
      if (next.enter()) {
        next.drain(thread);
        next.leave();
      }
    }
  }

  /** The next round that has not run out of tasks, or null when the team is closed. */
  private @Nullable Round await() {
    for (int looks = 0; !closed; looks++) {
      Round next = round;
      if (next != null && next.hasTasks()) {
        return next;
      }
      rest(looks, this);
    }
    return null;
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

  @Override
  public void close() {
    closed = true;
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
  }

  /** The tasks of one run, and the helpers that are busy with them. */
  private static final class Round {
    private static final int OVER = Integer.MIN_VALUE; // added when nobody may enter any more

    private final int tasks;
    private final Task task;
    private final Thread caller = Thread.currentThread();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Round(int tasks, Task task) {
      this.tasks = tasks;
      this.task = task;
    }

    boolean hasTasks() {
      return next.get() < tasks;
    }

    /** Succeeds as long as the caller has not ended the round. */
    boolean enter() {
      for (int n = inside.get(); n >= 0; n = inside.get()) {
        if (inside.compareAndSet(n, n + 1)) {
          return true;
        }
      }
      return false;
    }

    void drain(int thread) {
      try {
        for (int i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
          task.run(i, thread);
        }
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, e);
        next.set(tasks);
      }
    }

    void leave() {
      if (inside.decrementAndGet() == OVER) {
        LockSupport.unpark(caller);
      }
    }

    /** Ends the round. An interrupt does not: the arrays are being written. */
    void awaitHelpers() {
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

    void rethrow() {
      Throwable thrown = failure.get();
      if (thrown instanceof Error e) {
        throw e;
      }
      if (thrown != null) {
        throw (RuntimeException) thrown;
      }
    }
  }
}
