package org.mobilefinetuner.memory;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.mobilefinetuner.tensor.Tensor;

/** A {@link Spill} to a scratch file, which is gone when it is closed. */
public final class SpillFile implements Spill, Closeable {
  private final FloatFile file;
  private final long slotFloats;

  /**
   * @param folder where the file is made
   * @param slotFloats the most numbers of a slot
   */
  public SpillFile(Path folder, long slotFloats) throws IOException {
    this.file = new FloatFile(folder);
    this.slotFloats = slotFloats;
  }

  @Override
  public void write(int slot, Tensor values) {
    if (values.size() > slotFloats) {
      throw new IllegalArgumentException(
          "expected at most " + slotFloats + " values for a slot, found " + values.size());
    }
    file.write(slot * slotFloats, values);
  }

  @Override
  public void read(int slot, Tensor values) {
    file.read(slot * slotFloats, values);
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
