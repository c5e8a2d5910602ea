package org.mobilefinetuner.energy;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The clock of the machine. */
public final class SystemClock implements PowerClock {
  private final CountDownLatch woken = new CountDownLatch(1);

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public LocalDateTime dateTime() {
    return LocalDateTime.now(ZoneId.systemDefault());
  }

  @Override
  public void sleep(long nanos) {
    try {
      // Whether it was woken does not matter: whoever sleeps looks for himself what time it is.
      boolean unused = woken.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      woken.countDown();
    }
  }

  @Override
  public void wake() {
    woken.countDown();
  }
}
