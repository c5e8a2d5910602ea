package org.mobilefinetuner.android;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.PeftFolder;
import org.mobilefinetuner.data.Batching;
import org.mobilefinetuner.data.DataFiles;
import org.mobilefinetuner.data.DataReader;
import org.mobilefinetuner.data.DataSet;
import org.mobilefinetuner.data.DataSettings;
import org.mobilefinetuner.data.Examples;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.TextFile;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.plan.MemoryPlan;
import org.mobilefinetuner.text.AssistantTurns.Boundary;
import org.mobilefinetuner.train.Checkpoint;
import org.mobilefinetuner.train.Checkpointer;
import org.mobilefinetuner.train.Checkpoints;
import org.mobilefinetuner.train.Listeners;
import org.mobilefinetuner.train.OtherRunException;
import org.mobilefinetuner.train.Progress;
import org.mobilefinetuner.train.RunFolder;
import org.mobilefinetuner.train.RunInputs;
import org.mobilefinetuner.train.RunSettings;
import org.mobilefinetuner.train.StepGate;
import org.mobilefinetuner.train.TrainConfig;
import org.mobilefinetuner.train.Trainer;
import org.mobilefinetuner.train.TrainingListener;

/** One attempt at a run on the calling thread: from files to an outcome. */
final class FineTuningRun {
  private static final int CHECKPOINTS = 2; // that stay
  private static final long TOKENS_IN_MEMORY = DataSettings.TOKENS_IN_MEMORY / 8; // a megabyte

  private final FineTuningSettings settings;
  private final MemoryLimits limits;
  private final Path scratch;
  private final Storage storage;
  private final IntFunction<StepGate> gate;
  private final FineTuningListener listener;
  private final Consumer<Runnable> stops;

  /**
   * @param scratch a folder for files that nobody needs afterwards
   * @param storage that the output folder is on
   * @param gate of a run of so many steps
   * @param stops is given what stops the run, once it can be stopped
   */
  FineTuningRun(
      FineTuningSettings settings,
      MemoryLimits limits,
      Path scratch,
      Storage storage,
      IntFunction<StepGate> gate,
      FineTuningListener listener,
      Consumer<Runnable> stops) {
    this.settings = settings;
    this.limits = limits;
    this.scratch = scratch;
    this.storage = storage;
    this.gate = gate;
    this.listener = listener;
    this.stops = stops;
  }

  /**
   * Begins the run, or goes on with an earlier attempt at it.
   *
   * @throws IllegalArgumentException if the settings suit neither the model, nor the data, nor what
   *     is in the output folder
   * @throws NoRoomException if the device's storage is full
   */
  FineTuningResult make() throws IOException {
    if (holdsThisRun() && RunFolder.holdsFinishedRun(settings.output())) {
      return finishedBefore();
    }
    try (ModelFolder folder = ModelFolder.open(settings.model())) {
      RunPlan plan = RunPlan.of(folder, settings, limits);
      try (DataSet train = read(folder, plan, DataFiles.at(settings.data()).train());
          RunMemory memory = new RunMemory(plan, scratch)) {
        @Nullable Path file = validation();
        if (file == null) {
          return train(folder, plan, memory, train.examples(), Examples.of(List.of()));
        }
        try (DataSet validation = read(folder, plan, file)) {
          return train(folder, plan, memory, train.examples(), validation.examples());
        }
      }
    }
  }

  private FineTuningResult finishedBefore() throws IOException {
    Path output = settings.output();
    int steps = JsonObject.read(output.resolve("trainer_state.json")).integer("global_step");
    double loss = JsonObject.read(output.resolve("train_results.json")).number("train_loss");
    return new FineTuningResult(FineTuningResult.End.FINISHED, steps, loss, output, null);
  }

  private @Nullable Path validation() {
    @Nullable Path given = settings.validation();
    return given != null ? given : DataFiles.at(settings.data()).valid();
  }

  private DataSet read(ModelFolder folder, RunPlan plan, Path file) throws IOException {
    DataSettings how =
        new DataSettings(
            null, plan.workload().length(), true, Boundary.CONTENT, scratch, TOKENS_IN_MEMORY);
    return DataReader.of(folder, how).read(file);
  }

  private FineTuningResult train(
      ModelFolder folder, RunPlan plan, RunMemory memory, Examples train, Examples validation)
      throws IOException {
    boolean full = settings.method() == Method.FULL;
    LoadedWeights weights = memory.weights(folder, full);
    PeftFolder.@Nullable Settings adapters =
        full ? null : Adaptations.apply(settings, folder, weights);
    MemoryPlan how = plan.memory();
    Batching batching = Batching.shuffled(train, how.batchSize());
    StepLoader loader = new StepLoader(train, batching, how.accumulation(), settings.seed());
    TrainConfig config = config(how, loader.stepsPerEpoch(), validation.count() > 0);
    TrainedWeights trained = new TrainedWeights(folder, weights, adapters);
    try (Kernels kernels = DeviceBackends.best(settings.threads())) {
      RunInputs inputs = RunInputs.of(weights, train, validation, kernels);
      RunSettings run = new RunSettings(config, inputs, loader.stepsPerEpoch());
      @Nullable Checkpoint from = checkpoint(weights, run);
      long room = Storage.ofCheckpoint(weights);
      storage.require(settings.output(), room);
      listener.onStart(plan, from == null ? 0 : from.progress().steps(), config.steps());
      warnIfInJava();
      try (RunFolder output = open(from)) {
        return new Attempt(trained, run, output, from, room)
            .make(kernels, memory, loader, validation);
      } catch (UncheckedIOException e) {
        throw storage.explain(e, settings.output(), room);
      } catch (IOException e) {
        throw storage.explain(e, settings.output(), room);
      }
    }
  }

  private RunFolder open(@Nullable Checkpoint from) throws IOException {
    Path output = settings.output();
    int logging = settings.loggingSteps();
    return from == null
        ? RunFolder.create(output, output, settings.json(), logging)
        : RunFolder.resume(output, output, settings.json(), logging, from);
  }

  /** Whether an earlier attempt at this run is in the output folder. */
  private boolean holdsThisRun() throws IOException {
    Path output = settings.output();
    Path file = output.resolve(RunFolder.CONFIG);
    if (!Files.exists(file)) {
      return false;
    }
    List<String> differences = settings.differences(FineTuningSettings.parse(TextFile.read(file)));
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "expected an output folder for this run alone, found one with other settings ("
              + String.join(", ", differences)
              + ") in "
              + output
              + "; choose another folder");
    }
    return true;
  }

  private @Nullable Checkpoint checkpoint(LoadedWeights weights, RunSettings run)
      throws IOException {
    if (!holdsThisRun()) {
      return null;
    }
    try {
      return Checkpoints.usable(
          Checkpoints.in(settings.output()), weights.parameters(), run, this::damaged);
    } catch (OtherRunException e) {
      throw new IllegalArgumentException(
          "expected the model and data that the run began with, found others, "
              + e.getMessage()
              + "; choose another folder to begin anew",
          e);
    }
  }

  private void damaged(String complaint) {
    listener.onWarning(
        new TrainingListener.Warning(
            0, "damaged-checkpoint", complaint, "The run goes on from the one before."));
  }

  private void warnIfInJava() {
    @Nullable String reason = DeviceBackends.whyNotNative();
    if (reason != null) {
      listener.onWarning(
          new TrainingListener.Warning(
              0,
              "no-native-backend",
              "The native backend cannot be used: " + reason + ".",
              "The run computes in Java, several times slower, with the same meaning."));
    }
  }

  private TrainConfig config(MemoryPlan plan, int perEpoch, boolean validates) {
    int steps = settings.steps(perEpoch);
    return new TrainConfig(
        new AdamW.Config(0.9f, 0.999f, 1e-8f, settings.weightDecay(), false),
        new Schedule(settings.schedule(), settings.learningRate(), settings.warmup(steps), steps),
        plan.batchSize(),
        plan.accumulation(),
        settings.maxGradNorm(),
        settings.seed(),
        settings.evalSteps(validates ? perEpoch : 0));
  }

  /** The steps, with everything that they need. */
  private final class Attempt {
    private final TrainedWeights trained;
    private final RunSettings run;
    private final RunFolder output;
    private final @Nullable Checkpoint from;
    private final long room; // of a checkpoint

    Attempt(
        TrainedWeights trained,
        RunSettings run,
        RunFolder output,
        @Nullable Checkpoint from,
        long room) {
      this.trained = trained;
      this.run = run;
      this.output = output;
      this.from = from;
      this.room = room;
    }

    FineTuningResult make(Kernels kernels, RunMemory memory, StepLoader loader, Examples validation)
        throws IOException {
      Checkpointer.Policy policy =
          new Checkpointer.Policy(
              settings.saveSteps(), (long) (settings.saveMinutes() * 60e9), CHECKPOINTS);
      Checkpointer checkpointer =
          new Checkpointer(output, run, this::checkpoint, policy, System::nanoTime, from, listener);
      List<TrainingListener> all = new ArrayList<>();
      all.add(output);
      all.add(listener);
      all.add(best());
      all.add(checkpointer);
      Trainer trainer =
          new Trainer(
              trained.weights(),
              run.config(),
              kernels,
              memory.step(),
              System::nanoTime,
              gate.apply(run.config().steps()),
              new Listeners(all));
      stops.accept(trainer::stop);
      Progress progress =
          from == null ? trainer.run(loader, validation) : trainer.resume(from, loader, validation);
      if (trainer.interrupted()) {
        return outcome(FineTuningResult.End.STOPPED, progress);
      }
      trained.result(output.path());
      output.finish(progress, run.config(), policy.steps());
      return outcome(FineTuningResult.End.FINISHED, progress);
    }

    private void checkpoint(Path to) throws IOException {
      storage.require(output.path(), room);
      trained.checkpoint(to);
    }

    private FineTuningResult outcome(FineTuningResult.End end, Progress progress) {
      double loss = progress.steps() == 0 ? Double.NaN : progress.loss();
      return new FineTuningResult(end, progress.steps(), loss, settings.output(), null);
    }

    /** Saves what the best evaluation was made with. */
    private TrainingListener best() {
      return new TrainingListener() {
        @Override
        public void onEvaluation(Evaluation evaluation) {
          if (evaluation.best()) {
            try {
              trained.result(output.path().resolve(RunFolder.BEST));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        }
      };
    }
  }
}
