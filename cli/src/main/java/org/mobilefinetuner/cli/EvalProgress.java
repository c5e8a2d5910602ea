package org.mobilefinetuner.cli;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * How far an evaluation is: drawn over itself on a terminal, else a line to stderr every half
 * minute.
 */
final class EvalProgress {
  private static final long DRAWN = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LINES = TimeUnit.SECONDS.toNanos(30);

  private final PrintWriter out;
  private final boolean drawn;
  private long next;
  private int width;

  /**
   * @param json whether stdout is for JSON alone
   */
  EvalProgress(CommandLine command, boolean json) {
    @Nullable PrintWriter screen = screen(command, json);
    drawn = screen != null;
    out = screen == null ? command.getErr() : screen;
    next = System.nanoTime() + (drawn ? 0 : LINES);
  }

  /** Stdout if possible, because what is printed there later would come before stderr. */
  private static @Nullable PrintWriter screen(CommandLine command, boolean json) {
    boolean stdout = Terminal.stdout() && !json;
    return stdout ? command.getOut() : Terminal.stderr() ? command.getErr() : null;
  }

  void at(String place) {
    long now = System.nanoTime();
    if (now - next < 0) {
      return;
    }
    next = now + (drawn ? DRAWN : LINES);
    if (drawn) {
      out.print("\r" + place + " ".repeat(Math.max(0, width - place.length())));
      width = place.length();
    } else {
      out.println(place);
    }
    out.flush();
  }

  /** Makes room for the result. */
  void clear() {
    if (drawn && width > 0) {
      out.print("\r" + " ".repeat(width) + "\r");
      out.flush();
      width = 0;
    }
  }
}
