package org.mobilefinetuner.cli;

import org.jspecify.annotations.Nullable;

/**
 * What the output streams are connected to.
 *
 * <p>The launcher says it in the environment, because Java sees a pipe where it filters stderr.
 * Without the launcher nothing is a screen.
 */
final class Terminal {
  private static final int COLUMNS = 100;

  private Terminal() {}

  /** Whether stdout is a screen that may be drawn on; never with {@code NO_COLOR}. */
  static boolean stdout() {
    return drawable("MFT_STDOUT_TTY");
  }

  /** Whether stderr is a screen that may be drawn on; never with {@code NO_COLOR}. */
  static boolean stderr() {
    return drawable("MFT_STDERR_TTY");
  }

  /** The width of the screen in characters. */
  static int columns() {
    @Nullable String columns = System.getenv("MFT_COLUMNS");
    return columns != null && columns.matches("[1-9][0-9]{1,4}")
        ? Integer.parseInt(columns)
        : COLUMNS;
  }

  private static boolean drawable(String variable) {
    @Nullable String noColor = System.getenv("NO_COLOR");
    if (noColor != null && !noColor.isEmpty()) {
      return false;
    }
    return "1".equals(System.getenv(variable));
  }
}
