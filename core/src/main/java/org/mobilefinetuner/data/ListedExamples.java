package org.mobilefinetuner.data;

import java.util.List;
import org.mobilefinetuner.model.Batch.Sequence;

/** Examples in memory. */
record ListedExamples(List<Sequence> sequences) implements Examples {
  @Override
  public int count() {
    return sequences.size();
  }

  @Override
  public int length(int index) {
    return sequences.get(index).ids().length;
  }

  @Override
  public int supervised(int index) {
    return sequences.get(index).supervised();
  }

  @Override
  public Sequence get(int index) {
    return sequences.get(index);
  }
}
