package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.memory.Shards;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/** A run that is stopped and goes on ends as if it had not been. */
final class ResumeTest {
  private static final int STEPS = Attempt.STEPS;
  private static final String YAML = Attempt.YAML;

  @TempDir Path temporary;

  private static final Checkpointer.Policy NEVER = new Checkpointer.Policy(0, 0, 2);

  @ParameterizedTest
  @EnumSource(names = {"FULL", "LORA"})
  void stoppedAfterAnyStepItEndsWithTheSameBits(TinyRun.Method method) throws IOException {
    Path whole = temporary.resolve("whole");
    Attempt reference = new Attempt(method, 1e-2f);
    Progress end = reference.run(whole, NEVER, STEPS);
    assertThat(Attempt.log(whole)).hasSize(2 + 4);
    assertThat(end.bestStep()).isPositive();
    for (int stop = 1; stop < STEPS; stop++) {
      Path folder = temporary.resolve("stopped-" + stop);
      Progress progress = new Attempt(method, 1e-2f).run(folder, NEVER, stop);
      assertThat(progress.steps()).isEqualTo(stop);
      assertThat(folder.resolve("checkpoint-" + stop)).isDirectory();
      Attempt again = new Attempt(method, 1e-2f);
      assertThat(again.run(folder, NEVER, STEPS)).isEqualTo(end);
      assertThat(again.values())
          .as("stopped after %d", stop)
          .isEqualTo(reference.values());
      assertThat(Attempt.log(folder)).isEqualTo(Attempt.log(whole));
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
        assertThat(again.values()).isEqualTo(reference.values());
        assertThat(Attempt.log(folder)).isEqualTo(Attempt.log(whole));
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
      assertThat(again.values()).isEqualTo(reference.values());
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
    assertThat(last.values()).isEqualTo(reference.values());
    assertThat(Attempt.log(folder)).isEqualTo(Attempt.log(whole));
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
          new Checkpointer(run, attempt.settings, attempt::save, policy, () -> 0, null, run);
      remove(folder);
      Trainer trainer =
          new Trainer(
              attempt.weights,
              attempt.settings.config(),
              new ScalarKernels(),
              StepMemory.unlimited(Keep.TAPE),
              () -> 0,
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
