package org.mobilefinetuner.ops;

import java.util.function.Consumer;
import org.mobilefinetuner.autograd.GradientWriter;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.autograd.Weight;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/**
 * Rows of the vocabulary projection's weight W, [V, d], some at a time, and of its gradient. If W is
 * in a file for want of memory, so many of its rows are in memory as are multiplied with.
 */
final class VocabularyTable implements AutoCloseable {
  private final Tape tape;
  private final Weight w;
  private final Tensor storage; // of rows of a table that is absent

  /** Of at most {@code most} rows at a time. */
  VocabularyTable(Tape tape, Weight w, int most) {
    this.tape = tape;
    this.w = w;
    this.storage = isAbsent(w) ? tape.take(most, w.value().cols()) : Tensor.zeros(1);
  }

  static boolean isAbsent(Weight w) {
    return w instanceof Parameter p && p.isAbsent();
  }

  /** The floats that are in memory for each row that is. */
  static int floatsOfRow(Tape tape, Weight w) {
    int cols = w.value().cols();
    return (isAbsent(w) ? cols : 0) + (tape.needs(w) && tape.byRows() ? cols : 0);
  }

  /** {@code count} rows from row {@code from} on, valid until the next are asked for. */
  Matrix rows(int from, int count) {
    if (w instanceof Parameter p && p.isAbsent()) {
      Tensor rows = storage.rows(0, count);
      p.numbers().read((long) from * rows.cols(), rows);
      return rows;
    }
    return w.value().rows(from, count);
  }

  /** What is done with the gradient of W, row after row. */
  interface Gradient {
    /** Lets {@code writer} add to {@code count} rows from row {@code from} on. */
    void add(int from, int count, GradientWriter writer);
  }

  /** Adds to all rows of the gradient of W, if there is one, what {@code work} says. */
  void gradient(Consumer<Gradient> work) {
    if (!tape.needs(w)) {
      work.accept((from, count, writer) -> {});
    } else if (tape.byRows()) {
      work.accept(
          (from, count, writer) -> tape.gradientRows(w, TableRows.range(from, count), writer));
    } else {
      tape.gradient(
          w,
          (dw, beta) ->
              work.accept((from, count, writer) -> writer.write(dw.rows(from, count), beta)));
    }
  }

  @Override
  public void close() {
    if (isAbsent(w)) {
      tape.give(storage);
    }
  }
}
