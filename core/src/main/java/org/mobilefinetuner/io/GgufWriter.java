package org.mobilefinetuner.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;

/** Writes a GGUF file of version 3, streamed and moved into place when whole. */
public final class GgufWriter {
  static final int U32 = 4;
  static final int I32 = 5;
  static final int F32 = 6;
  static final int BOOL = 7;
  static final int STRING = 8;
  static final int ARRAY = 9;

  private static final int VERSION = 3;
  private static final int CHUNK = 1 << 18; // values encoded at a time, if a row is no longer

  private final OutputStream out;
  private final ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
  private long written;

  private GgufWriter(OutputStream out) {
    this.out = out;
  }

  /** Opens the numbers of a tensor when it is their turn to be written. */
  @FunctionalInterface
  public interface Source {
    /** The values; rows × cols are those of the shape. */
    Matrix open() throws IOException;
  }

  /**
   * A tensor to be written.
   *
   * @param shape outermost dimension first
   */
  public record Item(int[] shape, GgmlType type, Source source) {
    public Item {
      if (!type.readable() || shape[shape.length - 1] % type.blockValues() != 0) {
        throw new IllegalArgumentException(
            "expected rows of whole blocks of "
                + type.blockValues()
                + " for "
                + type
                + ", found rows of "
                + shape[shape.length - 1]);
      }
    }

    long bytes() {
      long values = 1;
      for (int dim : shape) {
        values *= dim;
      }
      return type.bytes(values);
    }
  }

  /** Writes metadata and tensors in the order of the maps. */
  public static void write(Path file, GgufMetadata metadata, Map<String, Item> tensors)
      throws IOException {
    AtomicFile.write(file, out -> new GgufWriter(out).all(metadata, tensors));
  }

  private void all(GgufMetadata metadata, Map<String, Item> tensors) throws IOException {
    i32(Gguf.MAGIC);
    i32(VERSION);
    i64(tensors.size());
    i64(metadata.keys().size());
    for (String key : metadata.keys()) {
      text(key);
      value(java.util.Objects.requireNonNull(metadata.get(key)));
    }
    long offset = 0;
    for (Map.Entry<String, Item> entry : tensors.entrySet()) {
      Item item = entry.getValue();
      text(entry.getKey());
      i32(item.shape.length);
      for (int i = item.shape.length - 1; i >= 0; i--) {
        i64(item.shape[i]);
      }
      i32(item.type.number());
      i64(offset);
      offset = Gguf.pad(offset + item.bytes(), Gguf.DEFAULT_ALIGNMENT);
    }
    for (Item item : tensors.values()) {
      pad();
      numbers(item);
    }
    pad();
  }

  private void value(Object value) throws IOException {
    if (value instanceof Integer n) {
      i32(U32);
      i32(n);
    } else if (value instanceof Float f) {
      i32(F32);
      i32(Float.floatToRawIntBits(f));
    } else if (value instanceof Boolean b) {
      i32(BOOL);
      bytes(new byte[] {(byte) (b ? 1 : 0)});
    } else if (value instanceof String text) {
      i32(STRING);
      text(text);
    } else if (value instanceof String[] texts) {
      array(STRING, texts.length);
      for (String text : texts) {
        text(text);
      }
    } else if (value instanceof int[] numbers) {
      array(I32, numbers.length);
      for (int n : numbers) {
        i32(n);
      }
    } else if (value instanceof float[] numbers) {
      array(F32, numbers.length);
      for (float f : numbers) {
        i32(Float.floatToRawIntBits(f));
      }
    } else {
      throw new IllegalArgumentException("expected a value that is written here, found " + value);
    }
  }

  private void array(int type, int length) throws IOException {
    i32(ARRAY);
    i32(type);
    i64(length);
  }

  private void numbers(Item item) throws IOException {
    Matrix matrix = item.source.open();
    int cols = matrix.cols();
    int rows = Math.max(1, CHUNK / cols);
    float[] values = new float[rows * cols];
    for (int row = 0; row < matrix.rows(); row += rows) {
      int n = Math.min(rows, matrix.rows() - row);
      matrix.read(row, 0, n, cols, values, 0, cols);
      bytes(encode(item.type, values, n * cols));
    }
  }

  private static byte[] encode(GgmlType type, float[] values, int count) throws IOException {
    byte[] encoded = new byte[(int) type.bytes(count)];
    ByteBuffer to = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    if (type == GgmlType.Q8_0) {
      Q8Blocks.encode(values, count, to);
      return encoded;
    }
    Format format = Format.valueOf(type.name());
    for (int i = 0; i < count; i++) {
      switch (format) {
        case F32 -> to.putFloat(values[i]);
        case BF16 -> to.putShort(Format.toBf16(values[i]));
        case F16 -> to.putShort(SafetensorsWriter.f16(values[i]));
      }
    }
    return encoded;
  }

  private void pad() throws IOException {
    bytes(new byte[(int) (Gguf.pad(written, Gguf.DEFAULT_ALIGNMENT) - written)]);
  }

  private void text(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    i64(bytes.length);
    bytes(bytes);
  }

  private void i32(int value) throws IOException {
    number.putInt(0, value);
    out.write(number.array(), 0, 4);
    written += 4;
  }

  private void i64(long value) throws IOException {
    number.putLong(0, value);
    out.write(number.array(), 0, 8);
    written += 8;
  }

  private void bytes(byte[] bytes) throws IOException {
    out.write(bytes);
    written += bytes.length;
  }
}
