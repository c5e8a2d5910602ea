package org.mobilefinetuner.data;

import java.util.List;
import org.mobilefinetuner.model.Batch.Sequence;

/**
 * Examples ready to be learned from, and what happened on the way.
 *
 * @param kind the format that was recognised, such as {@code prompt/completion}
 * @param truncated how many examples were cut to the maximal length
 * @param dropped how many examples had no token to predict and were left out
 */
public record DataSet(List<Sequence> examples, String kind, int truncated, int dropped) {
  public long supervised() {
    long count = 0;
    for (Sequence s : examples) {
      count += s.supervised();
    }
    return count;
  }

  /**
   * Splits the last {@code fraction} of the examples, at least one, off for validation.
   *
   * @throws IllegalArgumentException if that leaves none to train on
   */
  public List<DataSet> split(double fraction) {
    int valid = (int) Math.max(1, Math.round(examples.size() * fraction));
    int train = examples.size() - valid;
    if (train < 1) {
      throw new IllegalArgumentException(
          "expected more examples than the validation split takes, found "
              + examples.size()
              + " for a split of "
              + fraction
              + "; use more data or a smaller split");
    }
    return List.of(
        new DataSet(examples.subList(0, train), kind, truncated, dropped),
        new DataSet(examples.subList(train, examples.size()), kind, 0, 0));
  }
}
