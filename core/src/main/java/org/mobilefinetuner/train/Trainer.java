package org.mobilefinetuner.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.data.Examples;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.train.TrainingListener.Outcome;

/**
 * Trains what is trainable of a model's weights on examples, step by step.
 *
 * <p>Not thread-safe, but {@link #stop} may be called from anywhere.
 */
public final class Trainer {
  private final LoadedWeights weights;
  private final TrainConfig config;
  private final Kernels kernels;
  private final StepMemory memory;
  private final LongSupplier nanoClock;
  private final StepGate gate;
  private final TrainingListener listener;
  private volatile boolean stopped;
  private boolean interrupted;

  /**
   * @param nanoClock the time, for measurements only
   * @param gate asked between steps and segments
   */
  public Trainer(
      LoadedWeights weights,
      TrainConfig config,
      Kernels kernels,
      StepMemory memory,
      LongSupplier nanoClock,
      StepGate gate,
      TrainingListener listener) {
    this.weights = weights;
    this.config = config;
    this.kernels = kernels;
    this.memory = memory;
    this.nanoClock = nanoClock;
    this.gate = gate;
    this.listener = listener;
  }

  /**
   * Runs all steps of the configuration, or those until it is stopped.
   *
   * @param loader where the steps come from
   * @param validation may be empty
   * @return how far it has come
   * @throws TrainingFailedException if the loss or a gradient is not finite, or a trainable tensor
   *     gets no gradient
   */
  public Progress run(StepLoader loader, Examples validation) {
    OptimizerStep optimizer = new OptimizerStep(weights, config, kernels, memory, gate);
    return new Run(optimizer, loader, validation, Progress.START).toTheEnd();
  }

  /**
   * The same from a checkpoint: the run ends with the bits that it would have had.
   *
   * @param loader from which no step has been taken
   * @param from a checkpoint of a run with the same settings; see {@link Checkpoint#require}
   */
  public Progress resume(Checkpoint from, StepLoader loader, Examples validation)
      throws IOException {
    OptimizerStep optimizer = new OptimizerStep(weights, config, kernels, memory, gate);
    from.restore(weights.parameters(), optimizer.state());
    optimizer.resume(from.progress().steps(), config.schedule());
    loader.skip(from.progress().steps());
    return new Run(optimizer, loader, validation, from.progress()).toTheEnd();
  }

  /** The steps and evaluations of a run. */
  private final class Run {
    private final OptimizerStep optimizer;
    private final StepLoader loader;
    private final Examples validation;
    private Progress at;
    private long pausedNanos;

    Run(OptimizerStep optimizer, StepLoader loader, Examples validation, Progress start) {
      this.optimizer = optimizer;
      this.loader = loader;
      this.validation = validation;
      this.at = start;
    }

    Progress toTheEnd() {
      listener.onBegin(new TrainingListener.Begin(at.steps(), config.steps()));
      Outcome outcome = Outcome.FAILED;
      @Nullable String reason = null;
      try {
        untilTheEnd();
        outcome = interrupted ? Outcome.INTERRUPTED : Outcome.FINISHED;
      } catch (TrainingFailedException e) {
        reason = e.getMessage();
        throw e;
      } finally {
        listener.onEnd(new TrainingListener.End(at.steps(), outcome, reason));
      }
      return at;
    }

    private void untilTheEnd() {
      if (!ended()) {
        pass(gate.beforeRun(at.steps(), listener));
      }
      while (!stopped && !ended()) {
        if (evaluationDue()) {
          evaluate();
        } else {
          step();
        }
        if (!evaluationDue()) {
          listener.onBoundary(new RunState(at, optimizer.state(), false));
        }
      }
      GradientAudit.requireFinite(weights.parameters());
      interrupted = !ended();
      if (interrupted) {
        listener.onBoundary(new RunState(at, optimizer.state(), true));
      }
    }

    private boolean ended() {
      return at.steps() >= config.steps() && !evaluationDue();
    }

    private boolean evaluationDue() {
      boolean due = config.evalSteps() > 0 && at.steps() % config.evalSteps() == 0;
      return validation.count() > 0
          && at.steps() > at.evaluatedStep()
          && (due || at.steps() == config.steps());
    }

    private void step() {
      long start = nanoClock.getAsLong();
      StepTimes times = new StepTimes(nanoClock, listener::onPhase);
      StepLoader.Step step = loader.next();
      for (int i = 0; i < step.microBatches().size(); i++) {
        listener.onBatch(at.steps() + 1, i, step.microBatches().get(i));
      }
      times.dataEnded();
      float rate = config.schedule().rate(at.steps());
      long transferred = memory.transferNanos();
      OptimizerStep.Result result = optimizer.run(step, at.steps(), rate, times);
      times.waited(memory.transferNanos() - transferred);
      long elapsed = nanoClock.getAsLong() - start;
      long tokens = step.tokens();
      at = at.step(loader.epochs(), tokens, result.loss());
      listener.onStep(
          new TrainingListener.Step(
              at.steps(),
              at.epoch(),
              result.loss(),
              result.gradNorm(),
              rate,
              tokens,
              at.tokens(),
              elapsed,
              pausedNanos,
              times.phases(),
              memory.arena().highWaterBytes()));
      pass(gate.afterStep(at.steps(), elapsed, listener));
    }

    private void pass(StepGate.Passage passage) {
      pausedNanos = passage.pausedNanos();
      if (passage.stop()) {
        stop();
      }
    }

    /** Evaluates, unless the run is stopped before the last example. */
    private void evaluate() {
      long start = nanoClock.getAsLong();
      double loss =
          Trainer.evaluate(optimizer.backprop(), validation, config.batchSize(), () -> stopped);
      if (Double.isNaN(loss) && stopped) {
        return;
      }
      long elapsed = nanoClock.getAsLong() - start;
      at = at.evaluation(loss);
      boolean best = at.bestStep() == at.steps();
      listener.onEvaluation(
          new TrainingListener.Evaluation(at.steps(), at.epoch(), loss, best, elapsed));
    }
  }

  /** Whether the last run was stopped before its last step, or the evaluation after that. */
  public boolean interrupted() {
    return interrupted;
  }

  /** Ends the run after the step that is being made; an evaluation is given up. */
  public void stop() {
    stopped = true;
    gate.release();
  }

  /** The loss of {@code examples} in nats per supervised token. */
  public static double evaluate(SegmentedBackprop backprop, Examples examples, int batchSize) {
    return evaluate(backprop, examples, batchSize, () -> false);
  }

  private static double evaluate(
      SegmentedBackprop backprop, Examples examples, int batchSize, BooleanSupplier givenUp) {
    double nll = 0;
    long supervised = 0;
    for (int at = 0; at < examples.count(); at += batchSize) {
      if (givenUp.getAsBoolean()) {
        return Double.NaN;
      }
      List<Batch.Sequence> some = new ArrayList<>();
      for (int i = at; i < Math.min(examples.count(), at + batchSize); i++) {
        some.add(examples.get(i));
      }
      Batch batch = Batch.of(some, 1);
      backprop.evaluate(batch);
      nll += batch.totalNll();
      for (Batch.Sequence s : some) {
        supervised += s.supervised();
      }
    }
    return nll / supervised;
  }
}
