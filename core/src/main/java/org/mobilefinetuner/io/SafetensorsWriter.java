package org.mobilefinetuner.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/** Writes a safetensors file, streamed and moved into place when whole. */
public final class SafetensorsWriter {
  private static final int CHUNK = 1 << 14; // values converted at a time

  private SafetensorsWriter() {}

  /** Produces the values of one tensor, in order. */
  @FunctionalInterface
  public interface Values {
    /** Fills {@code to[0 .. count)} with the values from number {@code at} on. */
    void fill(long at, float[] to, int count);
  }

  /** A tensor to be written. */
  public record Item(int[] shape, Format format, Values values) {
    public static Item of(Tensor tensor, Format format) {
      return new Item(
          tensor.shape(),
          format,
          (at, to, count) ->
              System.arraycopy(tensor.data(), tensor.offset() + (int) at, to, 0, count));
    }

    /** A matrix of any format, read row by row. */
    public static Item of(Matrix matrix, int[] shape, Format format) {
      return new Item(
          shape,
          format,
          (at, to, count) -> {
            for (int done = 0; done < count; ) {
              int row = (int) ((at + done) / matrix.cols());
              int col = (int) ((at + done) % matrix.cols());
              int n = Math.min(count - done, matrix.cols() - col);
              matrix.read(row, col, 1, n, to, done, n);
              done += n;
            }
          });
    }

    long size() {
      long size = 1;
      for (int dim : shape) {
        size *= dim;
      }
      return size;
    }
  }

  /** Writes the tensors in the order of the map, with the metadata that old readers ask for. */
  public static void write(Path file, Map<String, Item> tensors) throws IOException {
    JsonObject header = JsonObject.empty();
    header.put("__metadata__", JsonObject.empty().put("format", "pt"));
    long at = 0;
    for (Map.Entry<String, Item> entry : tensors.entrySet()) {
      Item item = entry.getValue();
      long end = at + item.size() * item.format.bytes();
      header.put(
          entry.getKey(),
          JsonObject.empty()
              .put("dtype", item.format.name())
              .put("shape", item.shape)
              .put("data_offsets", java.util.List.of(at, end)));
      at = end;
    }
    byte[] start = start(header);
    AtomicFile.write(
        file,
        out -> {
          out.write(start);
          for (Item item : tensors.values()) {
            write(item, out);
          }
        });
  }

  /** What stands before the data: the header and its length, padded with spaces. */
  static byte[] start(JsonObject header) {
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    byte[] start = new byte[8 + (json.length + 7) / 8 * 8];
    Arrays.fill(start, (byte) ' ');
    System.arraycopy(json, 0, start, 8, json.length);
    ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).putLong(0, start.length - 8);
    return start;
  }

  private static void write(Item item, OutputStream out) throws IOException {
    float[] values = new float[CHUNK];
    ByteBuffer bytes =
        ByteBuffer.allocate(CHUNK * item.format.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    long size = item.size();
    for (long at = 0; at < size; ) {
      int n = (int) Math.min(CHUNK, size - at);
      item.values.fill(at, values, n);
      encode(item.format, values, n, bytes);
      out.write(bytes.array(), 0, n * item.format.bytes());
      at += n;
    }
  }

  /**
   * Encodes the first {@code count} values, at the beginning of {@code to}.
   *
   * @param to little-endian; its position stays
   * @throws IOException if a value is too large for the format
   */
  public static void encode(Format format, float[] values, int count, ByteBuffer to)
      throws IOException {
    switch (format) {
      case F32 -> to.asFloatBuffer().put(values, 0, count);
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          to.putShort(2 * i, Format.toBf16(values[i]));
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          to.putShort(2 * i, f16(values[i]));
        }
      }
    }
  }

  static short f16(float value) throws IOException {
    short bits = Format.toF16(value);
    if (Float.isInfinite(Format.f16(bits)) && !Float.isInfinite(value)) {
      throw new IOException(
          "expected values up to 65504, the largest of float16, found "
              + value
              + "; save as bf16 or f32");
    }
    return bits;
  }
}
