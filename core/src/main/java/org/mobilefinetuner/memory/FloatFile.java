package org.mobilefinetuner.memory;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.mobilefinetuner.tensor.Tensor;

/** A scratch file of float32 numbers, read and written by position; gone when it is closed. */
final class FloatFile implements Closeable {
  private static final int FLOATS = 1 << 16; // of a transfer

  private final Path folder;
  private final FileChannel channel;
  private long nanos;
  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(4 * FLOATS).order(ByteOrder.nativeOrder());

  /** Makes a file in {@code folder}; where the system can, it has no name from the start. */
  FloatFile(Path folder) throws IOException {
    this.folder = folder;
    Path file;
    try {
      file = Files.createTempFile(folder, "mft-", ".tmp");
    } catch (IOException e) {
      throw new IOException(
          "expected a folder for scratch files that can be written, found "
              + folder
              + "; set TMPDIR to another one",
          e);
    }
    channel =
        FileChannel.open(
            file,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
    try {
      Files.delete(file); // also after a kill, nothing of it is left
    } catch (IOException e) {
      // a file that is open cannot be deleted here: it goes when it is closed
    }
  }

  /**
   * Writes all of {@code values}, the first as float number {@code at} of the file.
   *
   * @throws UncheckedIOException if the disk is full
   */
  void write(long at, Tensor values) {
    long start = System.nanoTime();
    try {
      put(at, values);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "expected room for a scratch file in "
              + folder
              + ", cannot write it: "
              + e.getMessage()
              + "; free some space, or set TMPDIR to another folder",
          e);
    }
    nanos += System.nanoTime() - start;
  }

  private void put(long at, Tensor values) throws IOException {
    for (int done = 0; done < values.size(); ) {
      int some = Math.min(FLOATS, values.size() - done);
      window(some).asFloatBuffer().put(values.data(), values.offset() + done, some);
      for (long to = 4 * (at + done); bytes.hasRemaining(); ) {
        to += channel.write(bytes, to);
      }
      done += some;
    }
  }

  /**
   * Fills all of {@code values} from float number {@code at} of the file on.
   *
   * @throws UncheckedIOException if the disk has failed
   */
  void read(long at, Tensor values) {
    long start = System.nanoTime();
    try {
      get(at, values);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "expected a scratch file in " + folder + " as it was written, cannot read it: " + e, e);
    }
    nanos += System.nanoTime() - start;
  }

  private void get(long at, Tensor values) throws IOException {
    for (int done = 0; done < values.size(); ) {
      int some = Math.min(FLOATS, values.size() - done);
      window(some);
      for (long from = 4 * (at + done); bytes.hasRemaining(); ) {
        int n = channel.read(bytes, from);
        if (n < 0) {
          throw new EOFException("a scratch file is shorter than what was written to it");
        }
        from += n;
      }
      window(some).asFloatBuffer().get(values.data(), values.offset() + done, some);
      done += some;
    }
  }

  /** The time that reads and writes have taken so far. */
  long nanos() {
    return nanos;
  }

  private ByteBuffer window(int floats) {
    ((Buffer) bytes).clear(); // the type that API level 28 has
    ((Buffer) bytes).limit(4 * floats);
    return bytes;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
