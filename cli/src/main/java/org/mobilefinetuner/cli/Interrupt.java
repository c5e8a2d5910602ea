package org.mobilefinetuner.cli;

import java.io.PrintWriter;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C while a run is made: the first asks the run to stop, so that what it has reached can be
 * saved; the second ends the process at once, as does the first where nothing can stop yet.
 */
final class Interrupt implements AutoCloseable {
  /** As shells count: 128 and the number of SIGINT. */
  static final int EXIT_CODE = 130;

  private static final String SIGNAL = "INT";

  private final PrintWriter err;
  private final @Nullable Object before;
  private @Nullable Runnable stop;

  Interrupt(PrintWriter err) {
    this.err = err;
    before = Signals.register(SIGNAL, this::pressed);
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
    if (before != null) {
      Signals.unregister(SIGNAL, before);
    }
  }
}
