package org.mobilefinetuner.tensor;

import java.nio.ByteBuffer;

/** What can be done with the pages of a mapped file, where the machine lets a program do it. */
@FunctionalInterface
public interface Pages {
  /**
   * Lets go of {@code bytes} bytes of a mapping from {@code from} on: they no longer count as this
   * process's memory, and are read from the file again when they are next touched.
   */
  void release(ByteBuffer mapped, int from, int bytes);

  /**
   * Begins to read {@code bytes} bytes of a mapping from {@code from} on, and no more: a page that
   * is touched before it is there may bring megabytes with it.
   */
  default void expect(ByteBuffer mapped, int from, int bytes) {}
}
