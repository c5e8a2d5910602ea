package org.mobilefinetuner.memory;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Tensor;

/**
 * A scratch file for the numbers of what is trained: weights, gradients and the optimizer's state
 * that have no room in memory. It is gone when it is closed; what must outlive a process is in its
 * checkpoints.
 */
public final class Shards implements Closeable {
  /** What can be in a file. */
  public enum Kind {
    WEIGHT,
    GRADIENT,
    MEAN,
    SQUARE
  }

  private final FloatFile file;
  private final Map<Kind, float[]> pieces = new EnumMap<>(Kind.class); // one is loaded at a time
  private long end;

  /**
   * @param folder where the file is made, which grows as it is written
   */
  public Shards(Path folder) throws IOException {
    this.file = new FloatFile(folder);
  }

  /** Room for the numbers of a tensor, which are zero. */
  public Numbers zeros(Kind kind, int... shape) {
    int size = Tensor.size(shape);
    float[] piece = pieces.computeIfAbsent(kind, k -> new float[Numbers.PIECE]);
    long start = end;
    end += size;
    file.write(end - 1, Tensor.zeros(1)); // so that all before it are zero
    return new Part(start, shape.clone(), piece);
  }

  private final class Part implements Numbers {
    private final long start;
    private final int[] shape;
    private final int size;
    private final float[] piece;

    Part(long start, int[] shape, float[] piece) {
      this.start = start;
      this.shape = shape;
      this.size = Tensor.size(shape);
      this.piece = piece;
    }

    @Override
    public int[] shape() {
      return shape.clone();
    }

    @Override
    public Tensor load(int at) {
      Tensor values = Tensor.wrap(piece, 0, Math.min(PIECE, size - at));
      read(at, values);
      return values;
    }

    @Override
    public void store(int at, Tensor values) {
      write(at, values);
    }

    @Override
    public void read(long at, Tensor to) {
      file.read(start + at, to);
    }

    @Override
    public void write(long at, Tensor from) {
      file.write(start + at, from);
    }
  }

  /** The time that reads and writes have taken so far. */
  long nanos() {
    return file.nanos();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
