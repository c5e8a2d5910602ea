package org.mobilefinetuner.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** What {@code InputStream.transferTo} does where Android has it. */
final class Streams {
  private Streams() {}

  static void copy(InputStream from, OutputStream to) throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
      to.write(buffer, 0, read);
    }
  }
}
