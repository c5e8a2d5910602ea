package org.mobilefinetuner.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Tensors for one call of a kernel, each inside a larger array whose margins must stay as they are.
 *
 * <p>The same seed gives the same values in the same order of requests, wherever the tensors lie.
 */
public final class GuardedMemory {
  private static final float GUARD = -7.25e33f;
  private static final int MARGIN = 40;
  private static final float[] NORMAL =
      new float[1 << 16]; // tensors are windows of it: drawing is slow

  static {
    Random random = new Random(1);
    for (int i = 0; i < NORMAL.length; i++) {
      NORMAL[i] = (float) random.nextGaussian();
    }
  }

  private final Random random;
  private final int shift;
  private final List<Tensor> all = new ArrayList<>();
  private final List<float[]> inputs = new ArrayList<>();
  private final List<Tensor> outputs = new ArrayList<>();

  /** Tensors that begin {@code shift} floats later than they could. */
  public GuardedMemory(long seed, int shift) {
    this.random = new Random(seed);
    this.shift = shift;
  }

  /** Normal values that the kernel must not change. */
  public Tensor input(int... shape) {
    Tensor tensor = normal(guarded(shape));
    inputs.add(values(tensor));
    all.add(tensor);
    return tensor;
  }

  /** A result without a value yet: NaN. */
  public Tensor output(int... shape) {
    Tensor tensor = guarded(shape).fill(Float.NaN);
    outputs.add(tensor);
    return tensor;
  }

  /** A result that the kernel adds to or replaces. */
  public Tensor changed(int... shape) {
    Tensor tensor = normal(guarded(shape));
    outputs.add(tensor);
    return tensor;
  }

  /** {@link #output} for beta 0, {@link #changed} for beta 1. */
  public Tensor result(float beta, int... shape) {
    return beta == 0 ? output(shape) : changed(shape);
  }

  /** Numbers between 0 and {@code bound}. */
  public int[] ids(int count, int bound) {
    return random.ints(count, 0, bound).toArray();
  }

  /** Any numbers. */
  public long[] keys(int count) {
    return random.longs(count).toArray();
  }

  /** The values of all results, in the order of their requests. */
  public List<float[]> results() {
    return outputs.stream().map(GuardedMemory::values).toList();
  }

  /** Fails if a margin or an input was written. */
  public void assertUntouched() {
    for (int i = 0; i < all.size(); i++) {
      assertThat(values(all.get(i))).as("input " + i).isEqualTo(inputs.get(i));
    }
    for (Tensor tensor : all) {
      assertMargins(tensor);
    }
    for (Tensor tensor : outputs) {
      assertMargins(tensor);
    }
  }

  private static void assertMargins(Tensor tensor) {
    float[] data = tensor.data();
    for (int i = 0; i < data.length; i++) {
      if (i < tensor.offset() || i >= tensor.offset() + tensor.size()) {
        assertThat(data[i]).as("%s of %d at %d", tensor, tensor.offset(), i).isEqualTo(GUARD);
      }
    }
  }

  private Tensor guarded(int... shape) {
    float[] data = new float[Tensor.size(shape) + 2 * MARGIN];
    Arrays.fill(data, GUARD);
    return Tensor.wrap(data, shift, shape);
  }

  private Tensor normal(Tensor tensor) {
    int from = random.nextInt(NORMAL.length);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[tensor.offset() + i] = NORMAL[(from + i) % NORMAL.length];
    }
    return tensor;
  }

  private static float[] values(Tensor tensor) {
    return Arrays.copyOfRange(tensor.data(), tensor.offset(), tensor.offset() + tensor.size());
  }
}
