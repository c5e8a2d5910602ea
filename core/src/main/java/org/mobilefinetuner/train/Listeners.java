package org.mobilefinetuner.train;

import java.util.List;
import org.mobilefinetuner.model.Batch;

/** Several listeners as one, told in their order. */
public record Listeners(List<TrainingListener> all) implements TrainingListener {
  @Override
  public void onBegin(Begin begin) {
    all.forEach(listener -> listener.onBegin(begin));
  }

  @Override
  public void onBatch(int step, int microBatch, List<Batch.Sequence> sequences) {
    all.forEach(listener -> listener.onBatch(step, microBatch, sequences));
  }

  @Override
  public void onPhase(Phase phase) {
    all.forEach(listener -> listener.onPhase(phase));
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
  public void onDevice(Device device) {
    all.forEach(listener -> listener.onDevice(device));
  }

  @Override
  public void onDecision(Decision decision) {
    all.forEach(listener -> listener.onDecision(decision));
  }

  @Override
  public void onWarning(Warning warning) {
    all.forEach(listener -> listener.onWarning(warning));
  }

  @Override
  public void onSaved(Saved saved) {
    all.forEach(listener -> listener.onSaved(saved));
  }

  @Override
  public void onBoundary(RunState state) {
    all.forEach(listener -> listener.onBoundary(state));
  }

  @Override
  public void onEnd(End end) {
    all.forEach(listener -> listener.onEnd(end));
  }
}
