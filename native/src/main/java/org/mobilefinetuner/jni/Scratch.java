package org.mobilefinetuner.jni;

import java.nio.ByteBuffer;

/**
 * Working memory outside the heap, so that it never moves and begins at a whole cache line: made
 * when first needed, grown when too small.
 */
final class Scratch {
  private static final int LINE = 64;

  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
  private long address;
  private long floats;
  private float[] array = new float[0];

  /** The address of at least {@code count} floats; what they hold is left over. */
  long floats(long count) {
    if (count > floats) {
      buffer = ByteBuffer.allocateDirect(Math.toIntExact(count * Float.BYTES + LINE));
      address = (Library.address(buffer) + LINE - 1) / LINE * LINE;
      floats = count;
    }
    return address;
  }

  /** The bytes outside the heap. */
  long bytes() {
    return buffer.capacity();
  }

  /** An array of at least {@code count} floats, for what Java decodes. */
  float[] array(int count) {
    if (array.length < count) {
      array = new float[count];
    }
    return array;
  }
}
