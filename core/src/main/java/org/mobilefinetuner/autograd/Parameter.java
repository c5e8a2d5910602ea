package org.mobilefinetuner.autograd;

import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Numbers;
import org.mobilefinetuner.tensor.Tensor;

/** A trainable weight; identified by the object, not by its values. */
public final class Parameter implements Weight {
  private final String name;
  private final Numbers numbers;
  private final Tensor absent;
  private final boolean elsewhere;
  private Tensor value;

  /** A weight in memory. */
  public Parameter(String name, Tensor value) {
    this(name, value, Numbers.of(value), false);
  }

  private Parameter(String name, Tensor value, Numbers numbers, boolean elsewhere) {
    this.name = name;
    this.numbers = numbers;
    this.absent = value;
    this.elsewhere = elsewhere;
    this.value = value;
  }

  /** A weight whose numbers are elsewhere; in memory only between lend and withdraw. */
  public static Parameter elsewhere(String name, Numbers numbers) {
    return new Parameter(name, Tensor.ofShape(numbers.shape()), numbers, true);
  }

  @Override
  public String name() {
    return name;
  }

  /** Its value; of one that is elsewhere, and not lent, only the shape can be asked for. */
  @Override
  public Tensor value() {
    return value;
  }

  @Override
  public Matrix readable() {
    return elsewhere ? new Elsewhere(absent.rows(), absent.cols(), numbers) : value;
  }

  private record Elsewhere(int rows, int cols, Numbers numbers) implements Matrix {
    @Override
    public Format format() {
      return Format.F32;
    }

    @Override
    public void read(int row, int col, int rows, int cols, float[] to, int at, int stride) {
      float[] values = new float[cols];
      for (int r = 0; r < rows; r++) {
        numbers.read((long) (row + r) * this.cols + col, values, cols);
        System.arraycopy(values, 0, to, at + r * stride, cols);
      }
    }
  }

  /** Whether its numbers are not in memory, but where they are lent. */
  public boolean isElsewhere() {
    return elsewhere;
  }

  /** Whether its numbers are elsewhere and not lent: {@link #value} has only a shape. */
  public boolean isAbsent() {
    return elsewhere && value == absent;
  }

  /** Its numbers, wherever they are. */
  public Numbers numbers() {
    return numbers;
  }

  /** Puts its numbers in memory: {@code copy} of them is its value until {@link #withdraw}. */
  public void lend(Tensor copy) {
    value = copy;
  }

  /** Ends {@link #lend}. */
  public void withdraw() {
    value = absent;
  }

  @Override
  public String toString() {
    return name + " " + value;
  }
}
