package org.mobilefinetuner.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParallelTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 9})
  void everyTaskRunsOnceAndHasEndedWhenTheRunReturns(int threads) {
    try (Parallel team = new Parallel(threads)) {
      for (int run = 0; run < 2000; run++) {
        int tasks = run % 7;
        int[] ran = new int[tasks]; // plain: the end of the run makes them visible
        int[] ones = new int[tasks];
        Arrays.fill(ones, 1);
        team.run(tasks, (task, thread) -> ran[task]++);
        assertThat(ran).isEqualTo(ones);
      }
    }
  }

  @Test
  void helpersThatSleptTakePart() throws InterruptedException {
    try (Parallel team = new Parallel(2)) {
      for (int run = 0; run < 3; run++) {
        Thread.sleep(20);
        CountDownLatch both = new CountDownLatch(2);
        team.run(
            2,
            (task, thread) -> {
              both.countDown();
              awaitUninterrupted(both);
            });
      }
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aFailureEndsTheRunAndIsThrown() {
    try (Parallel team = new Parallel(3)) {
      AtomicInteger ran = new AtomicInteger();
      assertThatThrownBy(
              () ->
                  team.run(
                      1_000_000,
                      (task, thread) -> {
                        ran.incrementAndGet();
                        if (task == 10) {
                          throw new IllegalStateException("task 10");
                        }
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("task 10");
      assertThat(ran.get()).isLessThan(1_000_000);
      ran.set(0);
      team.run(5, (task, thread) -> ran.incrementAndGet());
      assertThat(ran.get()).isEqualTo(5);
    }
  }

  @Test
  void aTaskCannotRunOthers() {
    try (Parallel team = new Parallel(2)) {
      Parallel.Task none = (task, thread) -> {};
      assertThatThrownBy(() -> team.run(2, (task, thread) -> team.run(2, none)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("one run at a time");
      AtomicInteger ran = new AtomicInteger();
      team.run(100, (task, thread) -> ran.incrementAndGet());
      assertThat(ran.get()).isEqualTo(100);
    }
  }

  @Test
  void anInterruptIsKeptForTheCaller() {
    try (Parallel team = new Parallel(2)) {
      AtomicInteger ran = new AtomicInteger();
      Thread.currentThread().interrupt();
      team.run(100, (task, thread) -> ran.incrementAndGet());
      assertThat(Thread.interrupted()).isTrue();
      assertThat(ran.get()).isEqualTo(100);
    }
  }

  @Test
  void refusesAnEmptyTeam() {
    assertThatThrownBy(() -> new Parallel(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 1 thread");
  }
}
