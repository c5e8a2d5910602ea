package org.mobilefinetuner.data;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.ops.LinearCrossEntropy;

/**
 * Examples in a file that is deleted when it is closed: four bytes a token, and sixteen bytes of
 * memory for each example.
 *
 * <p>An example is its number (two ints), then its tokens: the id where it is predicted, its
 * complement (a negative number) where it is not. Where a label is another token than the one that
 * stands there, the labels follow, and the number is preceded by 1 instead of 0.
 */
final class ScratchFile implements Examples {
  private static final int HEAD = 3;

  private final Path file;
  private final FileChannel channel;
  private final DataOutputStream out;
  private int count;
  private long[] starts = new long[1 << 10]; // in bytes; one more than examples
  private int[] supervised = new int[1 << 10];
  private int[] lengths = new int[1 << 10];

  private ScratchFile(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
    this.out =
        new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16));
  }

  /** An empty file in {@code folder}. Where the system can, it has no name from the start. */
  static ScratchFile in(Path folder) throws IOException {
    try {
      Path file = Files.createTempFile(folder, "mft-examples", ".tmp");
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      return new ScratchFile(file, channel);
    } catch (IOException e) {
      throw cannotWrite(folder, e);
    }
  }

  void add(Sequence example) throws IOException {
    int[] ids = example.ids();
    int[] labels = example.labels();
    if (count + 1 == starts.length) {
      int more = Math.addExact(count, count / 2);
      starts = Arrays.copyOf(starts, more);
      supervised = Arrays.copyOf(supervised, more);
      lengths = Arrays.copyOf(lengths, more);
    }
    boolean others = hasOtherLabels(ids, labels);
    try {
      out.writeInt(others ? 1 : 0);
      out.writeLong(example.id());
      for (int t = 0; t < ids.length; t++) {
        out.writeInt(labels[t] == LinearCrossEntropy.IGNORE ? ~ids[t] : ids[t]);
      }
      for (int t = 0; others && t < ids.length; t++) {
        out.writeInt(labels[t]);
      }
    } catch (IOException e) {
      throw cannotWrite(file, e);
    }
    lengths[count] = ids.length;
    supervised[count] = example.supervised();
    count++;
    long ints = HEAD + (long) ids.length * (others ? 2 : 1);
    starts[count] = starts[count - 1] + ints * Integer.BYTES;
  }

  /** Ends the writing, after which examples can be read. */
  Examples finish() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw cannotWrite(file, e);
    }
    return this;
  }

  private static boolean hasOtherLabels(int[] ids, int[] labels) {
    for (int t = 0; t < ids.length; t++) {
      if (labels[t] != ids[t] && labels[t] != LinearCrossEntropy.IGNORE) {
        return true;
      }
    }
    return false;
  }

  private static IOException cannotWrite(Path place, IOException e) {
    return new IOException(
        "expected room for a scratch file, cannot write "
            + place
            + ": "
            + e.getMessage()
            + "; free some space, or set TMPDIR to another folder",
        e);
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public int length(int index) {
    return lengths[index];
  }

  @Override
  public int supervised(int index) {
    return supervised[index];
  }

  @Override
  public Sequence get(int index) {
    IntBuffer ints = read(index);
    boolean others = ints.get() == 1;
    long id = ((long) ints.get() << 32) | (ints.get() & 0xffffffffL);
    int[] ids = new int[lengths[index]];
    int[] labels = new int[ids.length];
    ints.get(ids);
    for (int t = 0; t < ids.length; t++) {
      boolean predicted = ids[t] >= 0;
      ids[t] = predicted ? ids[t] : ~ids[t];
      labels[t] = predicted ? ids[t] : LinearCrossEntropy.IGNORE;
    }
    if (others) {
      ints.get(labels);
    }
    return new Sequence(id, ids, labels);
  }

  private IntBuffer read(int index) {
    long start = starts[index];
    ByteBuffer bytes = ByteBuffer.allocate((int) (starts[index + 1] - start));
    try {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, start + bytes.position()) < 0) {
          throw new EOFException("it has become shorter");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the scratch file " + file + ": " + e, e);
    }
    return ByteBuffer.wrap(bytes.array()).asIntBuffer();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
