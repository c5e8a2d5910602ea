package org.mobilefinetuner.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.tensor.Pages;

/** The pages of mapped files, which Java can let go of and the system can be told about. */
final class MappedPages implements Pages {
  /** A touched page brings its neighbours with it, also those that were let go before. */
  private static final int NEIGHBOURS = 1 << 16;

  private static final long PAGE = 1 << 12; // the smallest there is: a multiple is as good
  private static final int WILL_NEED = 3; // on Linux and macOS
  private static final @Nullable MethodHandle MADVISE = madvise();

  /** The window that was asked for last: many calls in a row are about one of them. */
  private volatile Window last = new Window(ByteBuffer.allocate(0));

  @Override
  public void release(ByteBuffer mapped, int from, int bytes) {
    int start = Math.max(0, from - NEIGHBOURS);
    MemorySegment all = segment(mapped);
    if (all.isMapped()) {
      all.asSlice(start, from + bytes - start).unload();
    }
  }

  @Override
  public void expect(ByteBuffer mapped, int from, int bytes) {
    MethodHandle madvise = MADVISE;
    MemorySegment all = segment(mapped);
    if (madvise == null || !all.isMapped()) {
      return;
    }
    long start = (all.address() + from) / PAGE * PAGE;
    long length = all.address() + from + bytes - start;
    try {
      int _ = (int) madvise.invokeExact(start, length, WILL_NEED);
    } catch (Throwable e) {
      throw new IllegalStateException("madvise", e); // it throws nothing
    }
  }

  @SuppressWarnings("ReferenceEquality") // a buffer equals any of the same content
  private MemorySegment segment(ByteBuffer mapped) {
    Window window = last;
    if (window.buffer != mapped) {
      window = new Window(mapped);
      last = window;
    }
    return window.segment;
  }

  private record Window(ByteBuffer buffer, MemorySegment segment) {
    Window(ByteBuffer buffer) {
      this(buffer, MemorySegment.ofBuffer(buffer.duplicate().clear()));
    }
  }

  /** The system's function of that name, or null where there is none: it is only advice. */
  @SuppressWarnings("restricted") // the launcher enables native access
  private static @Nullable MethodHandle madvise() {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor type =
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_LONG, // an address
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT);
    return linker
        .defaultLookup()
        .find("madvise")
        .map(address -> linker.downcallHandle(address, type))
        .orElse(null);
  }
}
