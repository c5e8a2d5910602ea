package org.mobilefinetuner.cli;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.train.TrainingListener;

/** Several listeners as one; closing it closes those that can be closed. */
record Listeners(List<TrainingListener> all) implements TrainingListener, Closeable {
  @Override
  public void onBatch(int step, int microBatch, List<Batch.Sequence> sequences) {
    all.forEach(listener -> listener.onBatch(step, microBatch, sequences));
  }

  @Override
  public void onStep(Step step) {
    all.forEach(listener -> listener.onStep(step));
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    all.forEach(listener -> listener.onEvaluation(evaluation));
  }

  @Override
  public void close() throws IOException {
    for (TrainingListener listener : all) {
      if (listener instanceof Closeable closeable) {
        closeable.close();
      }
    }
  }
}
