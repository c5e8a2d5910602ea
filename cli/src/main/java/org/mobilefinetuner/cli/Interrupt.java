package org.mobilefinetuner.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C, or a system that wants the process to end (SIGTERM), while a run is made: the first asks
 * the run to stop, so that what it has reached can be saved; the second ends the process at once,
 * as does the first where nothing can stop yet.
 */
final class Interrupt implements AutoCloseable {
  /** As shells count: 128 and the number of SIGINT. */
  static final int EXIT_CODE = 130;

  private static final List<String> SIGNALS = List.of("INT", "TERM");

  private final PrintWriter err;
  private final List<@Nullable Object> before = new ArrayList<>();
  private @Nullable Runnable stop;

  Interrupt(PrintWriter err) {
    this.err = err;
    SIGNALS.forEach(signal -> before.add(Signals.register(signal, this::pressed)));
  }

  /** From now on the first Ctrl-C calls {@code stop}, on a thread of its own. */
  synchronized void stops(Runnable stop) {
    this.stop = stop;
  }

  private synchronized void pressed() {
    Runnable first = stop;
    if (first == null) {
      err.println("Interrupted; nothing more is saved");
      err.flush();
      Runtime.getRuntime().halt(EXIT_CODE); // exit would wait for whoever is at work
      return;
    }
    err.println("Interrupted: stops after this step and saves; Ctrl-C again ends at once");
    err.flush();
    stop = null;
    first.run();
  }

  @Override
  public void close() {
    for (int i = 0; i < SIGNALS.size(); i++) {
      Object handler = before.get(i);
      if (handler != null) {
        Signals.unregister(SIGNALS.get(i), handler);
      }
    }
  }
}
