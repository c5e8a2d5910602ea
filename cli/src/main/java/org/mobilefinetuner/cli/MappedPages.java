package org.mobilefinetuner.cli;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.mobilefinetuner.tensor.Pages;

/** The pages of mapped files, of which Java can let go since it has memory segments. */
final class MappedPages implements Pages {
  /** A touched page brings its neighbours with it, also those that were let go before. */
  private static final int NEIGHBOURS = 1 << 16;

  @Override
  public void release(ByteBuffer mapped, int from, int bytes) {
    int start = Math.max(0, from - NEIGHBOURS);
    ByteBuffer part = mapped.duplicate().clear().slice(start, from + bytes - start);
    MemorySegment segment = MemorySegment.ofBuffer(part);
    if (segment.isMapped()) {
      segment.unload();
    }
  }
}
