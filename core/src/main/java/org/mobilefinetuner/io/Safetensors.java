package org.mobilefinetuner.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.StoredMatrix;
import org.mobilefinetuner.tensor.StoredRows;
import org.mobilefinetuner.tensor.Tensor;

/**
 * A safetensors file, open for reading: its header in memory, its numbers mapped when asked for.
 *
 * <p>Format: {@code u64} header length, JSON header, data. Nothing in the header is trusted: its
 * length is at most 100 MB, every tensor's bytes must match its type and shape, lie inside the
 * file, and follow each other without gap or overlap.
 */
public final class Safetensors implements TensorSource, AutoCloseable {
  private static final int MAX_HEADER = 100_000_000;

  /** A tensor of the file: its type by the file's name for it, and where its bytes are. */
  record Entry(String type, int[] shape, long begin, long end) {}

  private final Path file;
  private final FileChannel channel;
  private final long dataStart;
  private final Map<String, Entry> entries;

  private Safetensors(Path file, FileChannel channel, long dataStart, Map<String, Entry> entries) {
    this.file = file;
    this.channel = channel;
    this.dataStart = dataStart;
    this.entries = entries;
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws FormatException if it is damaged, truncated or no safetensors file
   */
  public static Safetensors open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new java.io.FileNotFoundException(
          "expected a safetensors file, found no file at " + file);
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      readFully(channel, length, 0, file);
      long header = length.getLong(0);
      if (header < 2 || header > MAX_HEADER || header > channel.size() - 8) {
        throw new FormatException(
            file
                + ": expected a header of at most "
                + MAX_HEADER
                + " bytes inside the file of "
                + channel.size()
                + ", found the length "
                + header
                + "; the file is truncated or no safetensors file");
      }
      ByteBuffer json = ByteBuffer.allocate((int) header);
      readFully(channel, json, 8, file);
      JsonObject object =
          JsonObject.parse(
              file.getFileName().toString(), new String(json.array(), StandardCharsets.UTF_8));
      long data = channel.size() - 8 - header;
      return new Safetensors(file, channel, 8 + header, entries(file, object, data));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer to, long at, Path file)
      throws IOException {
    while (to.hasRemaining()) {
      int n = channel.read(to, at + to.position());
      if (n < 0) {
        throw new FormatException(
            file
                + ": expected "
                + to.limit()
                + " bytes at "
                + at
                + ", found the end of the file; "
                + "copy or download it again");
      }
    }
  }

  private static Map<String, Entry> entries(Path file, JsonObject header, long dataBytes)
      throws FormatException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (String name : header.keys()) {
      if (name.equals("__metadata__")) {
        continue;
      }
      JsonObject o = header.object(name);
      List<?> offsets = o.list("data_offsets");
      List<?> dims = o.list("shape");
      String type = o.string("dtype");
      if (offsets.size() != 2
          || !(offsets.get(0) instanceof Long begin)
          || !(offsets.get(1) instanceof Long end)
          || begin < 0
          || end < begin) {
        throw new FormatException(
            file + ": " + name + ": expected two data_offsets, found " + offsets);
      }
      if (end > dataBytes) {
        throw new FormatException(
            file
                + ": "
                + name
                + " ends at byte "
                + end
                + " of the data, but the file has only "
                + dataBytes
                + "; it is truncated: copy or download it again");
      }
      int[] shape = shape(file, name, dims);
      long bytes = (long) bytesOf(file, name, type);
      for (int dim : shape) {
        bytes = multiply(bytes, dim);
      }
      if (bytes != end - begin) {
        throw new FormatException(
            file
                + ": "
                + name
                + ": "
                + type
                + Arrays.toString(shape)
                + " takes "
                + bytes
                + " bytes, data_offsets give "
                + (end - begin));
      }
      entries.put(name, new Entry(type, shape, begin, end));
    }
    checkContiguous(file, entries, dataBytes);
    return Collections.unmodifiableMap(entries);
  }

  private static int[] shape(Path file, String name, List<?> dims) throws FormatException {
    int[] shape = new int[dims.size()];
    for (int i = 0; i < shape.length; i++) {
      if (!(dims.get(i) instanceof Long n) || n < 0 || n > Integer.MAX_VALUE) {
        throw new FormatException(file + ": " + name + ": not a shape: " + dims);
      }
      shape[i] = n.intValue();
    }
    return shape;
  }

  private static long multiply(long a, long b) {
    return b != 0 && a > Long.MAX_VALUE / b ? Long.MAX_VALUE : a * b;
  }

  private static int bytesOf(Path file, String name, String type) throws FormatException {
    int bytes = bytesOf(type);
    if (bytes == 0) {
      throw new FormatException(file + ": " + name + ": unknown dtype " + type);
    }
    return bytes;
  }

  /** The bytes of a number, 0 if there is no such type. */
  static int bytesOf(String type) {
    return switch (type) {
      case "F64", "I64", "U64" -> 8;
      case "F32", "I32", "U32" -> 4;
      case "F16", "BF16", "I16", "U16" -> 2;
      case "I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2" -> 1;
      default -> 0;
    };
  }

  private static void checkContiguous(Path file, Map<String, Entry> entries, long dataBytes)
      throws FormatException {
    List<Entry> sorted = new ArrayList<>(entries.values());
    sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long at = 0;
    for (Entry entry : sorted) {
      if (entry.begin != at) {
        throw new FormatException(
            file
                + ": expected a tensor at data byte "
                + at
                + ", the next starts at "
                + entry.begin
                + "; tensors must neither overlap nor leave gaps");
      }
      at = entry.end;
    }
    if (at != dataBytes) {
      throw new FormatException(
          file + ": " + (dataBytes - at) + " bytes behind the last tensor; the file is damaged");
    }
  }

  @Override
  public java.util.Set<String> names() {
    return entries.keySet();
  }

  @Override
  public int[] shape(String name) throws IOException {
    return entry(name).shape.clone();
  }

  @Override
  public String type(String name) throws IOException {
    return entry(name).type;
  }

  @Override
  public long bytes(String name) throws IOException {
    Entry entry = entry(name);
    return entry.end - entry.begin;
  }

  private Entry entry(String name) throws IOException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new FormatException(file + ": has no tensor called " + name);
    }
    return entry;
  }

  @Override
  public Matrix matrix(String name) throws IOException {
    Entry entry = entry(name);
    Format format = format(name, entry);
    MappedRows mapped = mapped(name, entry);
    if ((dataStart + entry.begin) % format.bytes() != 0) {
      return tensor(name); // an unpadded header: too rare to be fast
    }
    return new StoredMatrix(
        format, entry.shape[0], entry.shape[1], mapped.windows(), mapped.rowsPerWindow());
  }

  /** The rows of a tensor of two dimensions and any type as bytes. */
  StoredRows rows(String name) throws IOException {
    Entry entry = entry(name);
    MappedRows mapped = mapped(name, entry);
    int rowBytes = (int) ((entry.end - entry.begin) / entry.shape[0]);
    return new StoredRows(entry.shape[0], rowBytes, mapped.windows(), mapped.rowsPerWindow());
  }

  private MappedRows mapped(String name, Entry entry) throws IOException {
    if (entry.shape.length != 2) {
      throw new FormatException(
          file + ": " + name + ": expected 2 dimensions, found " + Arrays.toString(entry.shape));
    }
    int rows = entry.shape[0];
    long rowBytes = rows == 0 ? 0 : (entry.end - entry.begin) / rows;
    if (rowBytes == 0 || rowBytes > MappedRows.MAX_WINDOW) {
      throw new FormatException(
          file + ": " + name + ": unusable shape " + Arrays.toString(entry.shape));
    }
    return MappedRows.map(channel, dataStart + entry.begin, rows, rowBytes);
  }

  private ByteBuffer map(long at, long bytes) throws IOException {
    return MappedRows.map(channel, dataStart + at, bytes);
  }

  private Format format(String name, Entry entry) throws FormatException {
    return switch (entry.type) {
      case "F32" -> Format.F32;
      case "BF16" -> Format.BF16;
      case "F16" -> Format.F16;
      default ->
          throw new FormatException(
              file + ": " + name + ": expected F32, BF16 or F16 numbers, found " + entry.type);
    };
  }

  @Override
  public Tensor tensor(String name) throws IOException {
    Entry entry = entry(name);
    int[] shape = entry.shape.length == 0 ? new int[] {1} : entry.shape;
    long count = 1;
    for (int dim : shape) {
      count = multiply(count, dim);
    }
    if (count > Integer.MAX_VALUE - 8) {
      throw new FormatException(file + ": " + name + " has too many values for memory: " + count);
    }
    float[] values = new float[(int) count];
    int bytes = (int) ((entry.end - entry.begin) / Math.max(1, count));
    for (int at = 0; at < values.length; ) {
      int n = Math.min(values.length - at, 1 << 22);
      ByteBuffer b = map(entry.begin + (long) at * bytes, (long) n * bytes);
      decode(name, entry.type, b, values, at, n);
      at += n;
    }
    return Tensor.of(values, shape);
  }

  private void decode(String name, String type, ByteBuffer b, float[] to, int at, int n)
      throws FormatException {
    switch (type) {
      case "F32" -> b.asFloatBuffer().get(to, at, n);
      case "F64" -> {
        for (int i = 0; i < n; i++) {
          to[at + i] = (float) b.getDouble(8 * i);
        }
      }
      case "BF16" -> {
        for (int i = 0; i < n; i++) {
          to[at + i] = Format.bf16(b.getShort(2 * i));
        }
      }
      case "F16" -> {
        for (int i = 0; i < n; i++) {
          to[at + i] = Format.f16(b.getShort(2 * i));
        }
      }
      default ->
          throw new FormatException(
              file + ": " + name + ": expected floating-point numbers, found " + type);
    }
  }

  /** The values of a tensor of whole numbers. */
  public long[] integers(String name) throws IOException {
    Entry entry = entry(name);
    int bytes = bytesOf(file, name, entry.type);
    int count = Math.toIntExact((entry.end - entry.begin) / bytes);
    ByteBuffer b = map(entry.begin, entry.end - entry.begin);
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (entry.type) {
            case "I64", "U64" -> b.getLong(8 * i);
            case "I32" -> b.getInt(4 * i);
            case "U32" -> Integer.toUnsignedLong(b.getInt(4 * i));
            case "I16" -> b.getShort(2 * i);
            case "I8" -> b.get(i);
            case "U8", "BOOL" -> b.get(i) & 0xff;
            default ->
                throw new FormatException(
                    file + ": " + name + ": expected whole numbers, found " + entry.type);
          };
    }
    return values;
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
