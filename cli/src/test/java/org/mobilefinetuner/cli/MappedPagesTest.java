package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedPagesTest {
  private static final int SIZE = 1 << 20;
  private static final Path MAPS = Path.of("/proc/self/smaps");

  private final byte[] bytes = new byte[SIZE];
  private final MappedPages pages = new MappedPages();

  @TempDir private Path folder;

  @BeforeEach
  void fill() {
    new Random(1).nextBytes(bytes);
  }

  @Test
  void onlyThePagesOfThePartAreLetGo() throws IOException {
    assumeTrue(Files.exists(MAPS), "no " + MAPS);
    MappedByteBuffer first = mapped("first");
    MappedByteBuffer second = mapped("second");
    touch(first);
    touch(second);
    assertThat(resident("first")).isEqualTo(SIZE);
    pages.release(second, SIZE / 2, SIZE / 2);
    assertThat(resident("first")).isEqualTo(SIZE);
    long rest = resident("second");
    assertThat(rest).isBetween(SIZE / 4L, SIZE / 2L);
    second.get(0, new byte[SIZE / 4]);
    assertThat(resident("second")).as("the first quarter was there").isEqualTo(rest);
    pages.expect(second, SIZE / 2 + 100, 5000);
    pages.release(first, 0, SIZE);
    assertThat(resident("first")).isZero();
    touch(second);
    touch(first);
  }

  @Test
  void memoryWithoutAFileIsLeftAsItIs() {
    ByteBuffer memory = ByteBuffer.allocateDirect(SIZE).put(0, bytes);
    pages.release(memory, 0, SIZE);
    pages.expect(memory, 0, SIZE);
    touch(memory);
  }

  /** One call for each token of a batch. */
  @Test
  void expectingRowsAllocatesNothing() throws IOException {
    MappedByteBuffer buffer = mapped("rows");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 5; round++) { // the first ones prepare the call
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int row = 0; row < 1000; row++) {
        pages.expect(buffer, row * 1000, 1000);
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).isLessThan(10_000);
  }

  private MappedByteBuffer mapped(String name) throws IOException {
    Path file = Files.write(folder.resolve(name), bytes);
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(MapMode.READ_ONLY, 0, SIZE);
    }
  }

  private void touch(ByteBuffer buffer) {
    byte[] read = new byte[SIZE];
    buffer.get(0, read);
    assertThat(read).isEqualTo(bytes);
  }

  /** The bytes of a file's mapping that are in memory. */
  private long resident(String name) throws IOException {
    String file = folder.resolve(name).toString();
    boolean found = false;
    for (String line : Files.readAllLines(MAPS)) {
      found |= line.endsWith(file);
      if (found && line.startsWith("Rss:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw new AssertionError(file + " is not mapped");
  }
}
