package org.mobilefinetuner.android;

import java.io.IOException;

/**
 * The device's storage has no room for what a run has to write. The last checkpoint is intact: when
 * something has been deleted, the same settings go on from it.
 */
public final class NoRoomException extends IOException {
  private static final long serialVersionUID = 1;

  NoRoomException(String message, Throwable cause) {
    super(message, cause);
  }

  NoRoomException(String message) {
    super(message);
  }
}
