package org.mobilefinetuner.energy;

import java.time.LocalDateTime;

/** The time, and waiting for it to pass. */
public interface PowerClock {
  /** Nanoseconds since an arbitrary moment. */
  long nanoTime();

  /** The date and time on the wall. */
  LocalDateTime dateTime();

  /** Waits about so long; not at all if it has been woken. */
  void sleep(long nanos);

  /** Ends the sleep that is slept now and all later ones; from any thread. */
  void wake();
}
