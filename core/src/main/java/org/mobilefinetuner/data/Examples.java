package org.mobilefinetuner.data;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.mobilefinetuner.model.Batch.Sequence;

/**
 * Token sequences to learn from, in memory or in a file; their lengths are known without reading
 * them.
 */
public interface Examples extends Closeable {
  /** How many there are. */
  int count();

  /** The number of tokens of example {@code index}. */
  int length(int index);

  /** How many tokens of example {@code index} are predicted. */
  int supervised(int index);

  /**
   * Example {@code index}.
   *
   * @throws java.io.UncheckedIOException if it cannot be read any more
   */
  Sequence get(int index);

  /** Examples that are in memory. */
  static Examples of(List<Sequence> sequences) {
    return new ListedExamples(List.copyOf(sequences));
  }

  /** Examples {@code from} to {@code to}, exclusive. They end with these, and need no closing. */
  default Examples part(int from, int to) {
    return new PartOfExamples(this, from, to - from);
  }

  /** How many tokens are predicted in all examples. */
  default long supervised() {
    long sum = 0;
    for (int i = 0; i < count(); i++) {
      sum += supervised(i);
    }
    return sum;
  }

  /** Gives back what they lie in. */
  @Override
  default void close() throws IOException {}
}
