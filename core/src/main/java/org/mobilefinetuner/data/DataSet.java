package org.mobilefinetuner.data;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * Examples ready to be learned from, and what happened on the way.
 *
 * @param format that was recognised or asked for
 * @param truncated how many examples were cut to the maximal length
 * @param dropped how many examples had no token to predict and were left out
 * @param emptied how many more were left out because cutting them left no token to predict
 */
public record DataSet(Examples examples, DataFormat format, int truncated, int dropped, int emptied)
    implements Closeable {
  public long supervised() {
    return examples.supervised();
  }

  /**
   * Splits the last {@code fraction} of the examples, at least one, off for validation. Both parts
   * end when this set is closed.
   *
   * @throws IllegalArgumentException if that leaves none to train on
   */
  public List<DataSet> split(double fraction) {
    int count = examples.count();
    int valid = (int) Math.max(1, Math.round(count * fraction));
    int train = count - valid;
    if (train < 1) {
      throw new IllegalArgumentException(
          "expected more examples than the validation split takes, found "
              + count
              + " for a split of "
              + fraction
              + "; use more data or a smaller split");
    }
    return List.of(
        new DataSet(examples.part(0, train), format, truncated, dropped, emptied),
        new DataSet(examples.part(train, count), format, 0, 0, 0));
  }

  @Override
  public void close() throws IOException {
    examples.close();
  }
}
