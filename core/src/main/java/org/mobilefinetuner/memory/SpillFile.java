package org.mobilefinetuner.memory;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.mobilefinetuner.tensor.Tensor;

/** A {@link Spill} to a scratch file, which is gone when it is closed. */
public final class SpillFile implements Spill, Closeable {
  private final Path folder;
  private final FloatFile file;
  private final long slotFloats;

  /**
   * @param folder where the file is made
   * @param slotFloats the most numbers of a slot
   */
  public SpillFile(Path folder, long slotFloats) throws IOException {
    this.folder = folder;
    this.file = new FloatFile(folder);
    this.slotFloats = slotFloats;
  }

  @Override
  public void write(int slot, Tensor values) {
    if (values.size() > slotFloats) {
      throw new IllegalArgumentException(
          "expected at most " + slotFloats + " values for a slot, found " + values.size());
    }
    try {
      file.write(slot * slotFloats, values);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write a scratch file in " + folder + ": is the disk full?", e);
    }
  }

  @Override
  public void read(int slot, Tensor values) {
    try {
      file.read(slot * slotFloats, values);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read a scratch file in " + folder, e);
    }
  }

  @Override
  public long nanos() {
    return file.nanos();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
