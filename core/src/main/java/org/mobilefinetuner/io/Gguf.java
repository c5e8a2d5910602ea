package org.mobilefinetuner.io;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.StoredMatrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * A GGUF file of llama.cpp, open for reading: its head in memory, its numbers mapped when asked
 * for.
 *
 * <p>Format, version 2 and 3, little-endian: magic, version, {@code u64} tensors, {@code u64}
 * metadata pairs, the pairs, the tensors' names, dimensions (innermost first), types and offsets,
 * then the data, every tensor at a multiple of {@code general.alignment}. Shapes are given here
 * outermost first, as everywhere else. Nothing in the head is trusted: counts fit the file, and
 * tensors lie in it one behind the other, as llama.cpp demands.
 */
public final class Gguf implements TensorSource, AutoCloseable {
  static final int MAGIC = 0x46554747; // "GGUF"
  static final int DEFAULT_ALIGNMENT = 32;
  static final String ALIGNMENT = "general.alignment";

  private static final int MAX_ALIGNMENT = 1 << 16;
  private static final int MAX_DIMS = 4;

  private record Entry(GgmlType type, int[] shape, long begin, long bytes) {}

  private final Path file;
  private final FileChannel channel;
  private final GgufMetadata metadata;
  private final Map<String, Entry> entries;

  private Gguf(Path file, FileChannel channel, GgufMetadata metadata, Map<String, Entry> entries) {
    this.file = file;
    this.channel = channel;
    this.metadata = metadata;
    this.entries = entries;
  }

  /** Whether a file begins like a GGUF file. */
  public static boolean is(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer four = ByteBuffer.allocate(4).order(java.nio.ByteOrder.LITTLE_ENDIAN);
      return channel.read(four, 0) == 4 && four.getInt(0) == MAGIC;
    }
  }

  /**
   * Opens a file and checks its head.
   *
   * @throws FormatException if it is damaged, truncated or no GGUF file
   */
  public static Gguf open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new FileNotFoundException("expected a GGUF file, found no file at " + file);
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return read(file, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static Gguf read(Path file, FileChannel channel) throws IOException {
    GgufHeader header = new GgufHeader(file, channel);
    int magic = header.i32();
    if (magic != MAGIC) {
      throw new FormatException(
          file
              + ": expected a file that begins with GGUF, found 0x"
              + Integer.toHexString(magic)
              + "; is it a file of another kind?");
    }
    int version = header.i32();
    if (version != 2 && version != 3) {
      throw new FormatException(
          file
              + ": expected GGUF version 2 or 3, little-endian, found "
              + version
              + "; convert it with a newer llama.cpp");
    }
    int tensors = header.count("tensors", 28); // name length, 1 dimension, type, offset
    int pairs = header.count("metadata pairs", 13);
    GgufMetadata metadata = new GgufMetadata();
    for (int i = 0; i < pairs; i++) {
      String key = header.text();
      if (metadata.get(key) != null) {
        throw new FormatException(file + ": expected every key once, found " + key + " twice");
      }
      metadata.put(key, header.value());
    }
    long alignment = alignment(file, metadata);
    Map<String, Entry> entries = new LinkedHashMap<>();
    long end = 0;
    for (int i = 0; i < tensors; i++) {
      String name = header.text();
      Entry entry = entry(file, name, header);
      if (entry.begin != end) {
        throw new FormatException(
            file
                + ": "
                + name
                + ": expected data at "
                + end
                + ", one tensor behind the other, found "
                + entry.begin
                + "; the file is damaged");
      }
      requireInside(file, name, entry, channel.size());
      if (entries.put(name, entry) != null) {
        throw new FormatException(file + ": expected every tensor once, found " + name + " twice");
      }
      end = pad(end + entry.bytes, alignment);
    }
    long start = pad(header.position(), alignment);
    for (Map.Entry<String, Entry> each : entries.entrySet()) {
      Entry e = each.getValue();
      requireInside(file, each.getKey(), e, channel.size() - start);
      each.setValue(new Entry(e.type, e.shape, start + e.begin, e.bytes));
    }
    return new Gguf(file, channel, metadata, Collections.unmodifiableMap(entries));
  }

  private static void requireInside(Path file, String name, Entry entry, long bytes)
      throws FormatException {
    if (entry.bytes > bytes - entry.begin) {
      throw new FormatException(
          file
              + ": "
              + name
              + " ends behind the end of the file; it is truncated: copy or download it again");
    }
  }

  private static long alignment(Path file, GgufMetadata metadata) throws FormatException {
    Object value = metadata.get(ALIGNMENT);
    if (value == null) {
      return DEFAULT_ALIGNMENT;
    }
    if (value instanceof Integer n && n > 0 && n <= MAX_ALIGNMENT && Integer.bitCount(n) == 1) {
      return n;
    }
    throw new FormatException(
        file + ": expected a power of two as " + ALIGNMENT + ", found " + value);
  }

  static long pad(long at, long alignment) {
    return (at + alignment - 1) / alignment * alignment;
  }

  private static Entry entry(Path file, String name, GgufHeader header) throws IOException {
    int dims = header.i32();
    if (dims < 1 || dims > MAX_DIMS) {
      throw new FormatException(
          file + ": " + name + ": expected 1 to " + MAX_DIMS + " dimensions, found " + dims);
    }
    int[] shape = new int[dims];
    long values = 1;
    for (int i = dims - 1; i >= 0; i--) {
      long dim = header.i64();
      if (dim < 1 || dim > Integer.MAX_VALUE || values > Long.MAX_VALUE / 8 / dim) {
        throw new FormatException(
            file + ": " + name + ": expected dimensions of 1 or more, found " + dim);
      }
      shape[i] = (int) dim;
      values *= dim;
    }
    int number = header.i32();
    GgmlType type = GgmlType.of(number);
    if (type == null) {
      throw new FormatException(
          file + ": " + name + ": expected a type that is known here, found number " + number);
    }
    if (shape[dims - 1] % type.blockValues() != 0) {
      throw new FormatException(
          file
              + ": "
              + name
              + ": expected rows of a multiple of "
              + type.blockValues()
              + " values for "
              + type
              + ", found "
              + shape[dims - 1]);
    }
    long offset = header.i64();
    return new Entry(type, shape, offset, type.bytes(values));
  }

  public GgufMetadata metadata() {
    return metadata;
  }

  @Override
  public Set<String> names() {
    return entries.keySet();
  }

  @Override
  public int[] shape(String name) throws IOException {
    return entry(name).shape.clone();
  }

  @Override
  public String type(String name) throws IOException {
    return entry(name).type.name();
  }

  @Override
  public long bytes(String name) throws IOException {
    return entry(name).bytes;
  }

  private Entry entry(String name) throws IOException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new FormatException(file + ": has no tensor called " + name);
    }
    return entry;
  }

  /** A tensor of one dimension is one row. */
  @Override
  public Matrix matrix(String name) throws IOException {
    Entry entry = entry(name);
    if (entry.shape.length > 2) {
      throw new FormatException(
          file + ": " + name + ": expected 2 dimensions, found " + Arrays.toString(entry.shape));
    }
    int rows = entry.shape.length == 2 ? entry.shape[0] : 1;
    return rows(name, entry, rows, entry.shape[entry.shape.length - 1]);
  }

  private Matrix rows(String name, Entry entry, int rows, int cols) throws IOException {
    if (!entry.type.readable()) {
      throw new FormatException(
          file
              + ": "
              + name
              + ": expected F32, F16, BF16 or Q8_0 numbers, found "
              + entry.type
              + "; convert the file to one of them");
    }
    long rowBytes = entry.type.bytes(cols);
    if (rowBytes > MappedRows.MAX_WINDOW) {
      throw new FormatException(
          file + ": " + name + ": unusable shape " + Arrays.toString(entry.shape));
    }
    MappedRows mapped = MappedRows.map(channel, entry.begin, rows, rowBytes);
    if (entry.type == GgmlType.Q8_0) {
      return new Q8Blocks(rows, cols, mapped);
    }
    Format format = Format.valueOf(entry.type.name());
    return new StoredMatrix(format, rows, cols, mapped.windows(), mapped.rowsPerWindow());
  }

  @Override
  public Tensor tensor(String name) throws IOException {
    Entry entry = entry(name);
    long values = 1;
    for (int dim : entry.shape) {
      values *= dim;
    }
    if (values > Integer.MAX_VALUE - 8) {
      throw new FormatException(file + ": " + name + " has too many values for memory: " + values);
    }
    int cols = entry.shape[entry.shape.length - 1];
    int rows = (int) (values / cols);
    Matrix stored = rows(name, entry, rows, cols);
    Tensor tensor = Tensor.zeros(entry.shape);
    stored.read(0, 0, rows, cols, tensor.data(), 0, cols);
    return tensor;
  }

  /** Mappings made before stay valid. */
  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
