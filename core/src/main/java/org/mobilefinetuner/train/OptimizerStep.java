package org.mobilefinetuner.train;

import java.util.List;
import java.util.Map;
import org.mobilefinetuner.autograd.GradientStore;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.memory.Sharding;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Clipping;
import org.mobilefinetuner.optim.Optimizer;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Numbers;

/**
 * One update of the trainable weights: the gradients of all micro-batches, clipped and applied.
 *
 * <p>The loss is the sum over all supervised tokens of all micro-batches divided by their number,
 * however they are split.
 */
public final class OptimizerStep {
  /** Loss in nats per supervised token and global gradient norm, both before the update. */
  public record Result(double loss, double gradNorm) {}

  private final Kernels kernels;
  private final SegmentedBackprop backprop;
  private final List<Parameter> parameters;
  private final GradientStore gradients;
  private final Optimizer optimizer;
  private final GradientAudit audit = new GradientAudit();
  private final float maxGradNorm;
  private final long seed;

  public OptimizerStep(
      LoadedWeights weights, TrainConfig config, Kernels kernels, StepMemory memory) {
    this(weights, config, kernels, memory, StepGate.OPEN);
  }

  /** The same with a gate between segments. */
  OptimizerStep(
      LoadedWeights weights,
      TrainConfig config,
      Kernels kernels,
      StepMemory memory,
      StepGate gate) {
    this.kernels = kernels;
    this.parameters = weights.parameters();
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("expected something to train, found only frozen weights");
    }
    Arena arena = memory.arena();
    Sharding sharding = memory.sharding();
    this.backprop =
        new SegmentedBackprop(
            weights.model(),
            sharding.weights(weights, arena),
            weights.lowestTrainable(),
            kernels,
            arena,
            memory.keep(),
            gate);
    this.gradients = sharding.gradients(parameters, arena);
    this.optimizer =
        new AdamW(
            kernels,
            parameters,
            config.optimizer(),
            sharding.room(Kind.MEAN),
            sharding.room(Kind.SQUARE));
    this.maxGradNorm = config.maxGradNorm();
    this.seed = config.seed();
  }

  /** Runs step number {@code number} of the run, from 0, with learning rate {@code rate}. */
  public Result run(StepLoader.Step step, int number, float rate) {
    return run(step, number, rate, new StepTimes(() -> 0, phase -> {}));
  }

  /** The same, measured. */
  Result run(StepLoader.Step step, int number, float rate, StepTimes times) {
    gradients.clear();
    long supervised = step.supervised();
    float scale = (float) (1.0 / supervised);
    double nll = 0;
    for (List<Batch.Sequence> sequences : step.microBatches()) {
      Batch batch = Batch.of(sequences, scale);
      backprop.step(batch, gradients, Draws.key(seed, number), times::forwardEnded);
      times.backwardEnded();
      nll += batch.totalNll();
    }
    double loss = nll / supervised;
    double norm = Clipping.globalNorm(kernels, parameters, gradients);
    if (!(Math.abs(loss) <= Double.MAX_VALUE && norm <= Double.MAX_VALUE)) {
      GradientAudit.nameInfinite(number + 1, loss, parameters, gradients);
    }
    audit.inspect(parameters, gradients, rate);
    optimizer.step(gradients, rate, Clipping.factor(norm, maxGradNorm));
    times.updateEnded();
    return new Result(loss, norm);
  }

  /** Goes on as after the first {@code steps} steps of the schedule, whose state was restored. */
  void resume(int steps, Schedule schedule) {
    for (int i = 0; i < steps; i++) {
      audit.passed(schedule.rate(i));
    }
  }

  /** The optimizer's state, live. */
  Map<String, Numbers> state() {
    return optimizer.state();
  }

  /** The engine that computes the gradients. */
  public SegmentedBackprop backprop() {
    return backprop;
  }
}
