package org.mobilefinetuner.train;

import java.io.IOException;

/** A checkpoint is whole, but of a run that this one is not; the message says what differs. */
public final class OtherRunException extends IOException {
  private static final long serialVersionUID = 1L;

  OtherRunException(String message) {
    super(message);
  }
}
