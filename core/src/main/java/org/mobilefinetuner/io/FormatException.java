package org.mobilefinetuner.io;

import java.io.IOException;

/** A file does not hold what it should; the message says what was wanted, found, and what to do. */
public final class FormatException extends IOException {
  private static final long serialVersionUID = 1L;

  public FormatException(String message) {
    super(message);
  }

  public FormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
