package org.mobilefinetuner.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A new safetensors file whose tensors are written a part at a time and in any order, such as codes
 * and scales side by side. Tensors of wide numbers come first, so that all are aligned.
 *
 * <p>Unlike {@link SafetensorsWriter} it writes in place: for a folder that is not there yet.
 */
public final class SafetensorsRegions implements Closeable {
  /**
   * A tensor.
   *
   * @param type of its numbers by the file's name, such as {@code I8}
   */
  public record Region(String type, int... shape) {
    private int width() {
      return Safetensors.bytesOf(type);
    }

    private long bytes() {
      long bytes = width();
      for (int dim : shape) {
        bytes *= dim;
      }
      return bytes;
    }
  }

  private final FileChannel channel;
  private final long data;
  private final Map<String, Long> starts;

  private SafetensorsRegions(FileChannel channel, long data, Map<String, Long> starts) {
    this.channel = channel;
    this.data = data;
    this.starts = starts;
  }

  /**
   * @param metadata the file's {@code __metadata__}, text by name
   */
  public static SafetensorsRegions create(
      Path path, Map<String, Region> regions, JsonObject metadata) throws IOException {
    List<Map.Entry<String, Region>> sorted = new ArrayList<>(regions.entrySet());
    sorted.sort(Comparator.comparingInt(entry -> -entry.getValue().width()));
    JsonObject header = JsonObject.empty().put("__metadata__", metadata);
    Map<String, Long> starts = new LinkedHashMap<>();
    long at = 0;
    for (Map.Entry<String, Region> entry : sorted) {
      Region region = entry.getValue();
      header.put(
          entry.getKey(),
          JsonObject.empty()
              .put("dtype", region.type)
              .put("shape", region.shape)
              .put("data_offsets", List.of(at, at + region.bytes())));
      starts.put(entry.getKey(), at);
      at += region.bytes();
    }
    byte[] start = SafetensorsWriter.start(header);
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      SafetensorsRegions file = new SafetensorsRegions(channel, start.length, starts);
      file.write(0, ByteBuffer.wrap(start));
      return file;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Writes all that remains of {@code bytes} to a tensor, from its byte {@code at} on. */
  public void write(String name, long at, ByteBuffer bytes) throws IOException {
    Long start = starts.get(name);
    if (start == null) {
      throw new IllegalArgumentException("no tensor is called " + name);
    }
    write(data + start + at, bytes);
  }

  private void write(long at, ByteBuffer bytes) throws IOException {
    for (long to = at; bytes.hasRemaining(); ) {
      to += channel.write(bytes, to);
    }
  }

  /** Waits until everything is on the disk. */
  @Override
  public void close() throws IOException {
    try (channel) {
      channel.force(true);
    }
  }
}
