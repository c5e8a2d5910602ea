package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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

/** A run that is stopped and goes on ends as if it had not been. */
final class ResumeTest {
  private static final int STEPS = 7; // of 2 to an epoch, the second a partial one
  private static final String YAML = "seed: 42\n";

  @TempDir Path temporary;
  private long now; // nanoseconds

  /** What one attempt at a run needs. */
  private final class Attempt {
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

    private StepLoader loader() {
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

    private void save(Path to) throws IOException {
      Map<String, Item> items = new LinkedHashMap<>();
      weights.parameters().forEach(p -> items.put(p.name(), Item.of(p.readable(), p.value().shape(), Format.F32)));
      SafetensorsWriter.write(to.resolve("model.safetensors"), items);
    }
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

  private static final Checkpointer.Policy NEVER = new Checkpointer.Policy(0, 0, 2);

  /** The bits of each weight, as a number that others would not give. */
  private static Map<String, Integer> values(LoadedWeights weights) {
    Map<String, Integer> values = new LinkedHashMap<>();
    for (Parameter p : weights.parameters()) {
      float[] all = new float[p.numbers().size()];
      p.numbers().read(0, all, all.length);
      values.put(p.name(), Arrays.hashCode(all));
    }
    return values;
  }

  /** The log without what is different each time. */
  private static List<String> log(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("metrics.jsonl"))) {
      JsonObject all = JsonObject.parse("metrics.jsonl", line);
      JsonObject same = JsonObject.empty();
      for (String key : all.keys()) {
        if (!key.startsWith("mem_")
            && !key.matches("time_.*|eta_.*|sleep_.*|.*_runtime|.*_per_second")) {
          same.put(key, all.get(key));
        }
      }
      lines.add(same.toString());
    }
    return lines;
  }

  @ParameterizedTest
  @EnumSource(names = {"FULL", "LORA"})
  void stoppedAfterAnyStepItEndsWithTheSameBits(TinyRun.Method method) throws IOException {
    Path whole = temporary.resolve("whole");
    Attempt reference = new Attempt(method, 1e-2f);
    Progress end = reference.run(whole, NEVER, STEPS);
    assertThat(log(whole)).hasSize(2 + 4);
    assertThat(end.bestStep()).isPositive();
    for (int stop = 1; stop < STEPS; stop++) {
      Path folder = temporary.resolve("stopped-" + stop);
      Progress progress = new Attempt(method, 1e-2f).run(folder, NEVER, stop);
      assertThat(progress.steps()).isEqualTo(stop);
      assertThat(folder.resolve("checkpoint-" + stop)).isDirectory();
      Attempt again = new Attempt(method, 1e-2f);
      assertThat(again.run(folder, NEVER, STEPS)).isEqualTo(end);
      assertThat(values(again.weights))
          .as("stopped after %d", stop)
          .isEqualTo(values(reference.weights));
      assertThat(log(folder)).isEqualTo(log(whole));
    }
  }

  /** What is in files while it is trained is in its checkpoints, as if it were in memory. */
  @Test
  void inFilesItEndsWithTheBitsItHasInMemory() throws IOException {
    Path whole = temporary.resolve("whole");
    Attempt reference = new Attempt(TinyRun.Method.FULL, 1e-2f);
    reference.run(whole, NEVER, STEPS);
    for (int stop : new int[] {1, 4}) {
      Path folder = temporary.resolve("stopped-" + stop);
      try (Shards first = new Shards(temporary);
          Shards second = new Shards(temporary)) {
        new Attempt(first, 1e-2f).run(folder, NEVER, stop);
        Attempt again = new Attempt(second, 1e-2f);
        again.run(folder, NEVER, STEPS);
        assertThat(values(again.weights)).isEqualTo(values(reference.weights));
        assertThat(log(folder)).isEqualTo(log(whole));
      }
    }
  }

  /** Killed when a checkpoint was in its place, and those before it were there too. */
  @Test
  void checkpointsTooManyAreNoHarm() throws IOException {
    Path folder = temporary.resolve("run");
    Attempt reference = new Attempt(TinyRun.Method.FULL, 1e-2f);
    reference.run(temporary.resolve("whole"), NEVER, STEPS);
    try (Shards first = new Shards(temporary);
        Shards second = new Shards(temporary)) {
      new Attempt(first, 1e-2f).run(folder, new Checkpointer.Policy(1, 0, 9), 4);
      assertThat(Checkpoints.in(folder)).hasSize(4);
      Attempt again = new Attempt(second, 1e-2f);
      again.run(folder, new Checkpointer.Policy(0, 0, 1), STEPS);
      assertThat(Checkpoints.in(folder)).extracting(Checkpoints::step).containsExactly(4);
      assertThat(values(again.weights)).isEqualTo(values(reference.weights));
    }
  }

  /** The first of many: each attempt makes one step. */
  @Test
  void itCanGoOnAgainAndAgain() throws IOException {
    Attempt reference = new Attempt(TinyRun.Method.LORA, 1e-2f);
    Path whole = temporary.resolve("whole");
    reference.run(whole, NEVER, STEPS);
    Path folder = temporary.resolve("run");
    Attempt last = reference;
    for (int step = 1; step <= STEPS; step++) {
      last = new Attempt(TinyRun.Method.LORA, 1e-2f);
      last.run(folder, NEVER, step);
    }
    assertThat(values(last.weights)).isEqualTo(values(reference.weights));
    assertThat(log(folder)).isEqualTo(log(whole));
  }

  @Test
  void theLatestStay() throws IOException {
    new Attempt(TinyRun.Method.LORA, 1e-2f)
        .run(temporary.resolve("run"), new Checkpointer.Policy(2, 0, 2), STEPS);
    assertThat(Checkpoints.in(temporary.resolve("run")))
        .extracting(Checkpoints::step)
        .containsExactly(6, 4);
  }

  @Test
  void timeIsAReasonToo() throws IOException {
    Checkpointer.Policy policy = new Checkpointer.Policy(0, 1, 9);
    new Attempt(TinyRun.Method.LORA, 1e-2f).run(temporary.resolve("run"), policy, STEPS);
    assertThat(Checkpoints.in(temporary.resolve("run"))).hasSize(STEPS);
  }

  @Test
  void whatHasOtherSettingsIsNotContinued() throws IOException {
    Path folder = temporary.resolve("run");
    new Attempt(TinyRun.Method.LORA, 1e-2f).run(folder, NEVER, 3);
    Attempt other = new Attempt(TinyRun.Method.LORA, 2e-2f);
    List<Path> candidates = Checkpoints.in(folder);
    List<String> complaints = new ArrayList<>();
    assertThatThrownBy(
            () ->
                Checkpoints.usable(
                    candidates, other.weights.parameters(), other.settings, complaints::add))
        .isInstanceOf(OtherRunException.class)
        .hasMessageContaining("learning_rate was 0.01, now it is 0.02");
    Attempt full = new Attempt(TinyRun.Method.FULL, 1e-2f);
    assertThat(
            Checkpoints.usable(
                candidates, full.weights.parameters(), full.settings, complaints::add))
        .isNull();
    assertThat(complaints).singleElement().asString().contains("of another model or method");
  }

  @Test
  void aRunInUseIsNotContinued() throws IOException {
    Path folder = temporary.resolve("run");
    try (RunFolder first = RunFolder.create(folder, folder, YAML, 1)) {
      assertThat(first.replaces()).isFalse();
      assertThatThrownBy(() -> RunFolder.create(folder, folder, YAML, 1))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("in use");
    }
  }

  @Test
  void aFolderThatIsGoneEndsTheRun() throws IOException {
    Path folder = temporary.resolve("run");
    Attempt attempt = new Attempt(TinyRun.Method.LORA, 1e-2f);
    Checkpointer.Policy policy = new Checkpointer.Policy(1, 0, 2);
    try (RunFolder run = RunFolder.create(folder, folder, YAML, 1)) {
      Checkpointer checkpointer =
          new Checkpointer(run, attempt.settings, attempt::save, policy, () -> now, null, run);
      remove(folder);
      Trainer trainer =
          new Trainer(
              attempt.weights,
              attempt.settings.config(),
              new ScalarKernels(),
              StepMemory.unlimited(Keep.TAPE),
              () -> now++,
              StepGate.OPEN,
              checkpointer);
      assertThatThrownBy(() -> trainer.run(attempt.loader(), attempt.validation))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("cannot write " + folder.resolve("checkpoint-1"))
          .hasMessageContaining("its beginning");
    }
    assertThat(folder).doesNotExist();
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
