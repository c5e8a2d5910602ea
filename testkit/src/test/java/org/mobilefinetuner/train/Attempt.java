package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.data.Batching;
import org.mobilefinetuner.data.Examples;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.SafetensorsWriter;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.memory.Sharding;
import org.mobilefinetuner.memory.Shards;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/** An attempt at a run of a tiny model, which may go on from an earlier one. */
final class Attempt {
  static final int STEPS = 7; // of 2 to an epoch, the second a partial one
  static final String YAML = "seed: 42\n";

  private long now; // nanoseconds

  final LoadedWeights weights;
  final RunSettings settings;
  final Examples train = Examples.of(TinyRun.sequences().subList(0, 6));
  final Examples validation = Examples.of(TinyRun.sequences().subList(6, 8));
  final StepMemory memory;

  Attempt(TinyRun.Method method, float rate) throws IOException {
    this(TinyRun.weights(method, 0.1f), rate, StepMemory.unlimited(Keep.TAPE));
  }

  /** All weights, all in files but a segment's. */
  Attempt(Shards shards, float rate) throws IOException {
    this(
        TinyRun.sharded(0.1f, shape -> shards.zeros(Shards.Kind.WEIGHT, shape)),
        rate,
        new StepMemory(
            Arena.poisoned(), Keep.INPUT, Sharding.of(shards, EnumSet.allOf(Shards.Kind.class))));
  }

  private Attempt(LoadedWeights weights, float rate, StepMemory memory) throws IOException {
    this.weights = weights;
    this.memory = memory;
    TrainConfig config =
        new TrainConfig(
            AdamW.Config.of(0.01f),
            new Schedule(Schedule.Shape.COSINE, rate, 2, STEPS),
            1,
            4,
            1,
            42,
            2);
    RunInputs inputs = RunInputs.of(weights, train, validation, new ScalarKernels());
    settings = new RunSettings(config, inputs, loader().stepsPerEpoch());
  }

  StepLoader loader() {
    return new StepLoader(train, Batching.shuffled(train, 1), 4, 42);
  }

  /** Makes the run until it is stopped after {@code steps} steps, or ends. */
  Progress run(Path folder, Checkpointer.Policy policy, int steps) throws IOException {
    @Nullable Checkpoint from =
        Checkpoints.usable(
            Checkpoints.in(folder),
            weights.parameters(),
            settings,
            complaint -> {
              throw new AssertionError(complaint);
            });
    try (RunFolder run =
        from == null
            ? RunFolder.create(folder, folder, YAML, 3)
            : RunFolder.resume(folder, folder, YAML, 3, from)) {
      Checkpointer checkpointer =
          new Checkpointer(run, settings, this::save, policy, () -> now, from, run);
      Stopping listener = new Stopping(run, checkpointer, steps);
      Trainer trainer =
          new Trainer(
              weights,
              settings.config(),
              new ScalarKernels(),
              memory,
              () -> now++,
              StepGate.OPEN,
              listener);
      listener.trainer = trainer;
      Progress progress =
          from == null
              ? trainer.run(loader(), validation)
              : trainer.resume(from, loader(), validation);
      assertThat(trainer.interrupted()).isEqualTo(progress.steps() < STEPS);
      return progress;
    }
  }

  void save(Path to) throws IOException {
    Map<String, Item> items = new LinkedHashMap<>();
    weights.parameters().forEach(p -> items.put(p.name(), Item.of(p.readable(), p.value().shape(), Format.F32)));
    SafetensorsWriter.write(to.resolve("model.safetensors"), items);
  }

  /** Stops the trainer after a step. */
  private static final class Stopping implements TrainingListener {
    private final RunFolder run;
    private final Checkpointer checkpointer;
    private final int steps;
    @Nullable Trainer trainer;

    Stopping(RunFolder run, Checkpointer checkpointer, int steps) {
      this.run = run;
      this.checkpointer = checkpointer;
      this.steps = steps;
    }

    @Override
    public void onStep(Step step) {
      run.onStep(step);
      Trainer running = trainer;
      if (step.step() == steps && steps < STEPS && running != null) {
        running.stop();
      }
    }

    @Override
    public void onEvaluation(Evaluation evaluation) {
      run.onEvaluation(evaluation);
    }

    @Override
    public void onBoundary(RunState state) {
      checkpointer.onBoundary(state);
    }
  }

  /** The bits of each weight, as a number that others would not give. */
  Map<String, Integer> values() {
    Map<String, Integer> values = new LinkedHashMap<>();
    for (Parameter p : weights.parameters()) {
      float[] all = new float[p.numbers().size()];
      p.numbers().read(0, all, all.length);
      values.put(p.name(), Arrays.hashCode(all));
    }
    return values;
  }

  /** The log without what is different each time. */
  static List<String> log(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("metrics.jsonl"))) {
      JsonObject all = JsonObject.parse("metrics.jsonl", line);
      JsonObject same = JsonObject.empty();
      for (String key : all.keys()) {
        if (!key.matches("(io|mem|energy)_.*")
            && !key.matches("time_.*|eta_.*|sleep_.*|.*_runtime|.*_per_second")) {
          same.put(key, all.get(key));
        }
      }
      lines.add(same.toString());
    }
    return lines;
  }
}
