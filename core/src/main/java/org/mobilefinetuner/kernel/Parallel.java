package org.mobilefinetuner.kernel;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of threads that share out numbered tasks.
 *
 * <p>Tasks are taken one by one from a counter, so that a slow core takes fewer. Which thread runs
 * a task is left open; a task must therefore write only what no other task writes.
 */
public final class Parallel implements AutoCloseable {
  /** Runs task number {@code task}; {@code thread} is between 0 and {@code threads()}. */
  @FunctionalInterface
  public interface Task {
    void run(int task, int thread);
  }

  private final int threads;
  private final @Nullable ExecutorService helpers;

  /** A team of {@code threads}, the calling thread being one of them. */
  public Parallel(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("expected at least 1 thread, found " + threads);
    }
    this.threads = threads;
    this.helpers =
        threads == 1
            ? null
            : Executors.newFixedThreadPool(
                threads - 1,
                work -> {
                  Thread thread = new Thread(work, "mft-kernel");
                  thread.setDaemon(true);
                  return thread;
                });
  }

  public int threads() {
    return threads;
  }

  /** Runs tasks 0 to {@code tasks}; returns when all have ended, throws what one has thrown. */
  public void run(int tasks, Task task) {
    int crew = Math.min(threads, tasks);
    ExecutorService pool = helpers;
    if (crew <= 1 || pool == null) {
      for (int i = 0; i < tasks; i++) {
        task.run(i, 0);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(crew - 1);
    for (int t = 1; t < crew; t++) {
      int thread = t;
      pool.execute(
          () -> {
            drain(tasks, task, thread, next, failure);
            done.countDown();
          });
    }
    drain(tasks, task, 0, next, failure);
    awaitAll(done);
    Throwable thrown = failure.get();
    if (thrown instanceof Error e) {
      throw e;
    }
    if (thrown != null) {
      throw (RuntimeException) thrown;
    }
  }

  private static void drain(
      int tasks,
      Task task,
      int thread,
      AtomicInteger next,
      AtomicReference<@Nullable Throwable> failure) {
    try {
      for (int i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
        task.run(i, thread);
      }
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
      next.set(tasks);
    }
  }

  private static void awaitAll(CountDownLatch done) {
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // the arrays are being written: leave only when that has ended
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    if (helpers != null) {
      helpers.shutdown();
    }
  }
}
