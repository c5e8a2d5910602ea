package org.mobilefinetuner.cli;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.mobilefinetuner.tensor.Pages;

/** The pages of mapped files, of which Java can let go since it has memory segments. */
final class MappedPages implements Pages {
  @Override
  public void release(ByteBuffer mapped, int from, int bytes) {
    MemorySegment segment = MemorySegment.ofBuffer(mapped.duplicate().clear().slice(from, bytes));
    if (segment.isMapped()) {
      segment.unload();
    }
  }
}
