package org.mobilefinetuner.data;

import java.util.Objects;
import org.mobilefinetuner.model.Batch.Sequence;

/** Some neighbours among other examples. */
record PartOfExamples(Examples whole, int from, int count) implements Examples {
  PartOfExamples {
    Objects.checkFromIndexSize(from, count, whole.count());
  }

  @Override
  public int length(int index) {
    return whole.length(from + Objects.checkIndex(index, count));
  }

  @Override
  public int supervised(int index) {
    return whole.supervised(from + Objects.checkIndex(index, count));
  }

  @Override
  public Sequence get(int index) {
    return whole.get(from + Objects.checkIndex(index, count));
  }
}
