package org.mobilefinetuner.android;

import java.util.List;
import java.util.function.Consumer;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.train.RunState;

/** Passes each event on; who extends it decides to whom, and on which thread. */
abstract class EventRelay implements FineTuningListener {
  /** Lets {@code event} happen to all who are meant. */
  abstract void tell(Consumer<FineTuningListener> event);

  @Override
  public void onStart(RunPlan plan, int firstStep, int steps) {
    tell(listener -> listener.onStart(plan, firstStep, steps));
  }

  @Override
  public void onBegin(Begin begin) {
    tell(listener -> listener.onBegin(begin));
  }

  @Override
  public void onBatch(int step, int microBatch, List<Batch.Sequence> sequences) {
    tell(listener -> listener.onBatch(step, microBatch, sequences));
  }

  @Override
  public void onPhase(Phase phase) {
    tell(listener -> listener.onPhase(phase));
  }

  @Override
  public void onStep(Step step) {
    tell(listener -> listener.onStep(step));
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    tell(listener -> listener.onEvaluation(evaluation));
  }

  @Override
  public void onDevice(Device device) {
    tell(listener -> listener.onDevice(device));
  }

  @Override
  public void onDecision(Decision decision) {
    tell(listener -> listener.onDecision(decision));
  }

  @Override
  public void onWarning(Warning warning) {
    tell(listener -> listener.onWarning(warning));
  }

  @Override
  public void onSaved(Saved saved) {
    tell(listener -> listener.onSaved(saved));
  }

  @Override
  public void onBoundary(RunState state) {
    tell(listener -> listener.onBoundary(state));
  }

  @Override
  public void onEnd(End end) {
    tell(listener -> listener.onEnd(end));
  }

  @Override
  public void onPaused(boolean paused) {
    tell(listener -> listener.onPaused(paused));
  }

  @Override
  public void onResult(FineTuningResult outcome) {
    tell(listener -> listener.onResult(outcome));
  }
}
