package org.mobilefinetuner.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.mobilefinetuner.data.Examples;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.tensor.Arena;

/**
 * Trains what is trainable of a model's weights on examples, step by step.
 *
 * <p>Not thread-safe, but {@link #stop} may be called from anywhere.
 */
public final class Trainer {
  private final LoadedWeights weights;
  private final TrainConfig config;
  private final Kernels kernels;
  private final Arena arena;
  private final LongSupplier nanoClock;
  private final TrainingListener listener;
  private volatile boolean stopped;

  /**
   * @param nanoClock the time, for measurements only
   */
  public Trainer(
      LoadedWeights weights,
      TrainConfig config,
      Kernels kernels,
      Arena arena,
      LongSupplier nanoClock,
      TrainingListener listener) {
    this.weights = weights;
    this.config = config;
    this.kernels = kernels;
    this.arena = arena;
    this.nanoClock = nanoClock;
    this.listener = listener;
  }

  /**
   * The result of a run.
   *
   * @param loss the mean training loss over all steps
   * @param bestEvaluation the smallest validation loss, NaN without validation
   */
  public record Result(int steps, double loss, double bestEvaluation, long tokensSeen) {}

  /**
   * Runs all steps of the configuration.
   *
   * @param loader where the steps come from
   * @param validation may be empty
   * @throws TrainingFailedException if the loss or a gradient is not finite, or a trainable tensor
   *     gets no gradient
   */
  public Result run(StepLoader loader, Examples validation) {
    OptimizerStep optimizer = new OptimizerStep(weights, config, kernels, arena);
    double sum = 0;
    double best = Double.NaN;
    long seen = 0;
    int done = 0;
    while (done < config.steps() && !stopped) {
      StepLoader.Step step = loader.next();
      for (int i = 0; i < step.microBatches().size(); i++) {
        listener.onBatch(done + 1, i, step.microBatches().get(i));
      }
      float rate = config.schedule().rate(done);
      long start = nanoClock.getAsLong();
      OptimizerStep.Result result = optimizer.run(step, done, rate);
      long elapsed = nanoClock.getAsLong() - start;
      done++;
      sum += result.loss();
      long tokens = step.tokens();
      seen += tokens;
      double epoch = loader.epochs();
      listener.onStep(
          new TrainingListener.Step(
              done, epoch, result.loss(), result.gradNorm(), rate, tokens, seen, elapsed));
      boolean due = config.evalSteps() > 0 && done % config.evalSteps() == 0;
      if (validation.count() > 0 && !stopped && (due || done == config.steps())) {
        start = nanoClock.getAsLong();
        double loss = evaluate(optimizer.backprop(), validation, config.batchSize(), () -> stopped);
        if (Double.isNaN(loss) && stopped) {
          break;
        }
        elapsed = nanoClock.getAsLong() - start;
        boolean improved = !(loss >= best);
        best = improved ? loss : best;
        listener.onEvaluation(
            new TrainingListener.Evaluation(done, epoch, loss, improved, elapsed));
      }
    }
    GradientAudit.requireFinite(weights.parameters());
    return new Result(done, sum / Math.max(1, done), best, seen);
  }

  /** Ends the run after the step that is being made; an evaluation is given up. */
  public void stop() {
    stopped = true;
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
