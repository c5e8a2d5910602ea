package org.mobilefinetuner.train;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.memory.Sharding;
import org.mobilefinetuner.memory.Shards.Kind;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.optim.AdamW;
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

  private final SegmentedBackprop backprop;
  private final Updates updates;
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
    List<Parameter> parameters = weights.parameters();
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
    Optimizer optimizer =
        new AdamW(
            kernels,
            parameters,
            config.optimizer(),
            sharding.room(Kind.MEAN),
            sharding.room(Kind.SQUARE));
    this.updates =
        memory.atOnce()
            ? atOnce(weights, config, kernels, memory, optimizer)
            : new SecondSweep(
                kernels,
                parameters,
                sharding.gradients(parameters, arena),
                optimizer,
                config.maxGradNorm());
    this.seed = config.seed();
  }

  private static Updates atOnce(
      LoadedWeights weights,
      TrainConfig config,
      Kernels kernels,
      StepMemory memory,
      Optimizer optimizer) {
    if (config.maxGradNorm() > 0 || config.accumulation() > 1) {
      throw new IllegalArgumentException(
          "expected no clipping and no accumulation for updates at once, found a norm of "
              + config.maxGradNorm()
              + " and "
              + config.accumulation()
              + " micro-batches");
    }
    Set<Parameter> tables = weights.tables();
    return new UpdatesAtOnce(
        kernels,
        weights.parameters(),
        tables,
        memory.sharding().gradients(List.copyOf(tables), memory.arena()),
        memory.arena(),
        optimizer);
  }

  /** Runs step number {@code number} of the run, from 0, with learning rate {@code rate}. */
  public Result run(StepLoader.Step step, int number, float rate) {
    return run(step, number, rate, new StepTimes(() -> 0, phase -> {}));
  }

  /** The same, measured. */
  Result run(StepLoader.Step step, int number, float rate, StepTimes times) {
    long supervised = step.supervised();
    float scale = (float) (1.0 / supervised);
    StepLoss loss = new StepLoss(supervised);
    updates.begin(number, rate, loss);
    for (List<Batch.Sequence> sequences : step.microBatches()) {
      Batch batch = Batch.of(sequences, scale);
      loss.begin(batch);
      backprop.step(batch, updates.sink(), Draws.key(seed, number), times::forwardEnded);
      times.backwardEnded();
    }
    double norm = updates.end();
    times.updateEnded();
    return new Result(loss.getAsDouble(), norm);
  }

  /** Goes on as after the first {@code steps} steps of the schedule, whose state was restored. */
  void resume(int steps, Schedule schedule) {
    for (int i = 0; i < steps; i++) {
      updates.passed(schedule.rate(i));
    }
  }

  /** The optimizer's state, live. */
  Map<String, Numbers> state() {
    return updates.optimizer().state();
  }

  /** The engine that computes the gradients. */
  public SegmentedBackprop backprop() {
    return backprop;
  }
}
