package org.mobilefinetuner.io;

import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The head of a GGUF file while it is being read: numbers, texts and arrays from the front to the
 * back, never past the end of the file.
 *
 * <p>Every count is compared with the bytes that are left before anything is allocated for it, so
 * that a damaged file costs no more memory than a whole one of its size.
 */
final class GgufHeader {
  private static final int BUFFER = 1 << 16;
  private static final int MAX_TEXT = 1 << 26; // bytes: no token or template comes near

  private final Path file;
  private final FileChannel channel;
  private final long size;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
  private long read; // bytes of the file that have been put into the buffer

  GgufHeader(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.size = channel.size();
    ((Buffer) buffer).limit(0); // the type that API level 28 has
  }

  /** Where in the file the next byte lies. */
  long position() {
    return read - buffer.remaining();
  }

  private long left() {
    return size - position();
  }

  private ByteBuffer need(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      if (left() < bytes) {
        throw new FormatException(
            file
                + ": expected "
                + bytes
                + " more bytes of the header, found the end of the file; copy or download it again");
      }
      buffer.compact();
      while (buffer.position() < bytes) {
        int n = channel.read(buffer, read);
        if (n < 0) {
          throw new FormatException(file + ": the file became shorter while it was being read");
        }
        read += n;
      }
      ((Buffer) buffer).flip();
    }
    return buffer;
  }

  int u8() throws IOException {
    return need(1).get() & 0xff;
  }

  int u16() throws IOException {
    return need(2).getShort() & 0xffff;
  }

  int i32() throws IOException {
    return need(4).getInt();
  }

  long i64() throws IOException {
    return need(8).getLong();
  }

  /**
   * A number of things that follow.
   *
   * @param bytes the fewest that each of them takes
   */
  int count(String what, long bytes) throws IOException {
    long count = i64();
    if (count < 0 || count > left() / bytes || count > Integer.MAX_VALUE - 8) {
      throw new FormatException(
          file
              + ": expected as many "
              + what
              + " as the file has room for, found "
              + Long.toUnsignedString(count)
              + "; the file is damaged or truncated");
    }
    return (int) count;
  }

  String text() throws IOException {
    int length = count("bytes of a text", 1);
    if (length > MAX_TEXT) {
      throw new FormatException(
          file + ": expected a text of at most " + MAX_TEXT + " bytes, found " + length);
    }
    if (length == 0) {
      return "";
    }
    byte[] bytes = new byte[length];
    for (int at = 0; at < length; ) {
      int n = Math.min(length - at, BUFFER);
      need(n).get(bytes, at, n);
      at += n;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new FormatException(file + ": expected UTF-8 text, found other bytes", e);
    }
  }

  /** A value of metadata with the type before it. */
  Object value() throws IOException {
    int type = i32();
    return type == GgufWriter.ARRAY ? array() : scalar(type);
  }

  private Object scalar(int type) throws IOException {
    return switch (type) {
      case 0 -> u8();
      case 1 -> (int) (byte) u8();
      case 2 -> u16();
      case 3 -> (int) (short) u16();
      case GgufWriter.U32 -> narrow(i32() & 0xffff_ffffL);
      case GgufWriter.I32 -> i32();
      case GgufWriter.F32 -> Float.intBitsToFloat(i32());
      case GgufWriter.BOOL -> u8() != 0;
      case GgufWriter.STRING -> text();
      case 10, 11 -> i64();
      case 12 -> Double.longBitsToDouble(i64());
      default -> throw unknown(type);
    };
  }

  private static Object narrow(long value) {
    return value <= Integer.MAX_VALUE ? (Object) (int) value : (Object) value;
  }

  private Object array() throws IOException {
    int type = i32();
    switch (type) {
      case 0, 1, 2, 3, GgufWriter.U32, GgufWriter.I32 -> {
        int[] values = new int[count("numbers", type < 2 ? 1 : type < 4 ? 2 : 4)];
        for (int i = 0; i < values.length; i++) {
          values[i] = ((Number) scalar(type)).intValue();
        }
        return values;
      }
      case GgufWriter.F32 -> {
        float[] values = new float[count("numbers", 4)];
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.intBitsToFloat(i32());
        }
        return values;
      }
      case GgufWriter.BOOL -> {
        boolean[] values = new boolean[count("truth values", 1)];
        for (int i = 0; i < values.length; i++) {
          values[i] = u8() != 0;
        }
        return values;
      }
      case GgufWriter.STRING -> {
        String[] values = new String[count("texts", 8)];
        for (int i = 0; i < values.length; i++) {
          values[i] = text();
        }
        return values;
      }
      case 10, 11 -> {
        long[] values = new long[count("numbers", 8)];
        for (int i = 0; i < values.length; i++) {
          values[i] = i64();
        }
        return values;
      }
      case 12 -> {
        double[] values = new double[count("numbers", 8)];
        for (int i = 0; i < values.length; i++) {
          values[i] = Double.longBitsToDouble(i64());
        }
        return values;
      }
      default -> throw unknown(type); // an array of arrays too: llama.cpp has none
    }
  }

  private FormatException unknown(int type) {
    return new FormatException(
        file + ": expected a type of metadata from 0 to 12, found " + type + "; is it damaged?");
  }
}
