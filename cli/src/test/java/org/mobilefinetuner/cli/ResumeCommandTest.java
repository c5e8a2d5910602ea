package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.io.AtomicFolder;

/** What {@code mft train} does where an earlier attempt at a run has left its files. */
final class ResumeCommandTest {
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String NOTES = "The quick brown fox jumps over the lazy dog. ".repeat(40);

  /** For all tests: a run of six steps, and one that was killed after the fifth. */
  @TempDir private static Path shared = Path.of("");

  @TempDir Path temporary;
  private Path output = Path.of("");
  private Path whole = Path.of("");

  @BeforeAll
  static void prepareOnce() throws IOException {
    TinyModel.make(shared, true);
    Files.writeString(shared.resolve("notes.txt"), NOTES);
    train(shared.resolve("whole"));
    copy(shared.resolve("whole"), shared.resolve("killed"));
    kill(shared.resolve("killed"));
  }

  @BeforeEach
  void prepare() throws IOException {
    output = temporary.resolve("out");
    copy(shared.resolve("killed"), output);
    whole = shared.resolve("whole");
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  /** Leaves what there is of a run that was killed in its fifth checkpoint. */
  private static void kill(Path folder) throws IOException {
    for (String name :
        List.of(
            "README.md",
            "adapter_config.json",
            WEIGHTS,
            "report.html",
            "tensorboard",
            "train_results.json",
            "trainer_state.json",
            "checkpoint-6",
            "checkpoint-5")) {
      AtomicFolder.delete(folder.resolve(name));
    }
    Path log = folder.resolve("metrics.jsonl");
    String whole = Files.readString(log);
    Files.writeString(log, whole.substring(0, whole.indexOf("{\"step\":6") + 40)); // half a line
    Files.createDirectories(folder.resolve("checkpoint-5.tmp/.writing"));
    Files.writeString(folder.resolve("checkpoint-5.tmp/optimizer.safetensors.tmp"), "half");
    Files.writeString(folder.resolve("run.yaml.tmp"), "half");
  }

  private static Mft.Run train(Path to, Object... more) {
    Map<String, Object> usual =
        Map.of(
            "--model",
            shared.resolve("model"),
            "--data",
            shared.resolve("notes.txt"),
            "--output-dir",
            to,
            "--max-seq-length",
            32,
            "--max-steps",
            6,
            "--learning-rate",
            "1e-2",
            "--save-total-limit",
            4,
            "--lora-dropout",
            0.1,
            "--save-steps",
            1,
            "--logging-steps",
            1);
    List<Object> args = new ArrayList<>(List.of("train"));
    args.addAll(List.of(more));
    usual.forEach(
        (name, value) -> {
          if (!args.contains(name)) {
            args.addAll(List.of(name, value));
          }
        });
    return Mft.run(args.toArray());
  }

  private void assertWhole() throws IOException {
    assertThat(output.resolve(WEIGHTS)).hasSameBinaryContentAs(whole.resolve(WEIGHTS));
    assertThat(log(output)).isEqualTo(log(whole));
    assertThat(TinyModel.names(output)).isEqualTo(TinyModel.names(whole));
  }

  private static List<String> log(Path run) throws IOException {
    return Log.measured(run.resolve("metrics.jsonl")).stream().map(Log::same).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--resume",
        "--resume_from_checkpoint=latest",
        "--auto-resume=true",
        "--threads=2"
      })
  void theSameCommandGoesOn(String option) throws IOException {
    Mft.Run run = option.isEmpty() ? train(output) : train(output, option);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("Goes on after step 4 from " + output.resolve("checkpoint-4"));
    assertWhole();
  }

  @ParameterizedTest
  @CsvSource({
    "optimizer.safetensors, , expected the file optimizer.safetensors",
    "SHA256SUMS, , expected the file SHA256SUMS",
    "SHA256SUMS, '', expected optimizer.safetensors in SHA256SUMS",
    "trainer_state.json, {}, has other bytes",
    "adapter_model.safetensors, x, has other bytes",
  })
  void aDamagedCheckpointIsPassedOver(String file, String content, String message)
      throws IOException {
    Path damaged = output.resolve("checkpoint-4").resolve(file);
    if (content == null) {
      Files.delete(damaged);
    } else {
      Files.writeString(damaged, content);
    }
    Mft.Run run = train(output);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("Cannot go on from " + output.resolve("checkpoint-4"), message)
        .contains("Goes on after step 3");
    assertWhole();
  }

  @Test
  void theScreenShowsWhatTheLogHas() throws IOException {
    Object[] rarely = {"--logging-steps", 4};
    AtomicFolder.delete(output);
    whole = temporary.resolve("reference");
    Mft.Run reference = train(whole, rarely);
    copy(whole, output);
    kill(output);
    AtomicFolder.delete(output.resolve("checkpoint-4"));
    Mft.Run run = train(output, rarely);
    assertThat(run.err()).contains("Goes on after step 3");
    assertThat(log(output)).isEqualTo(log(whole));
    assertThat(losses(run.out())).hasSize(2).isEqualTo(losses(reference.out()));
    assertThat(Log.events(output.resolve("metrics.jsonl"), "resume")).hasSize(1);
  }

  private static List<String> losses(String printed) {
    return printed
        .lines()
        .filter(line -> line.startsWith("Iter "))
        .map(line -> line.substring(0, line.indexOf(", Learning Rate")))
        .toList();
  }

  @Test
  void whatWasNotYetTakenAwayIs() throws IOException {
    copy(shared.resolve("whole/checkpoint-5"), output.resolve("checkpoint-5"));
    copy(shared.resolve("whole/checkpoint-6"), output.resolve("checkpoint-6"));
    copy(output.resolve("checkpoint-3"), output.resolve("checkpoint-2"));
    assertThat(train(output).err()).contains("Goes on after step 6");
    assertWhole();
  }

  @Test
  void withoutACheckpointItBeginsAnew() throws IOException {
    AtomicFolder.delete(output.resolve("checkpoint-3"));
    Files.delete(output.resolve("checkpoint-4/rng.json"));
    Mft.Run run = train(output);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("No checkpoint in " + output, "begins anew");
    assertWhole();
  }

  @Test
  void otherSettingsAreRefused() throws IOException {
    Mft.Run run = train(output, "--learning-rate", "2e-2", "--lora-rank", 4);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("learning_rate is 0.01, not 0.02", "lora_rank is 8, not 4")
        .contains("--overwrite-output-dir");
    Files.writeString(shared.resolve("notes.txt"), NOTES.replace("lazy", "busy"));
    Mft.Run data = train(output);
    Files.writeString(shared.resolve("notes.txt"), NOTES);
    assertThat(data.code()).isEqualTo(2);
    assertThat(data.err()).contains("train_sha256 was");
    assertThat(output.resolve("checkpoint-4")).exists();
  }

  @Test
  void anotherModelUnderTheSameNameIsRefused() throws IOException {
    Path weights = shared.resolve("model/model.safetensors");
    byte[] before = Files.readAllBytes(weights);
    TinyModel.poke(shared.resolve("model"), "transformer.wte.weight", 0.5f);
    Mft.Run run = train(output);
    Files.write(weights, before);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("model_sha256 was");
  }

  @Test
  void aCheckpointOfAnotherFolderCanBeGiven() throws IOException {
    Path elsewhere = temporary.resolve("elsewhere");
    Mft.Run run = train(elsewhere, "--resume-from-checkpoint", output.resolve("checkpoint-3"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("Goes on after step 3");
    output = elsewhere;
    assertThat(output.resolve(WEIGHTS)).hasSameBinaryContentAs(whole.resolve(WEIGHTS));
    assertThat(log(output)).isEqualTo(log(whole));
  }

  @Test
  void whatIsBeforeADamagedCheckpointThatWasGivenIsUsed() throws IOException {
    Path given = output.resolve("checkpoint-4");
    Files.delete(given.resolve("rng.json"));
    Mft.Run run = train(output, "--resume-from-checkpoint", given);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("Cannot go on from " + given, "Goes on after step 3");
    assertWhole();
    Mft.Run none = train(temporary.resolve("new"), "--resume-from-checkpoint", temporary);
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err()).contains("a checkpoint that can be used at " + temporary);
    assertThat(temporary.resolve("new")).doesNotExist();
  }

  @Test
  void aRunThatReplacesAnotherGoesOn() throws IOException {
    AtomicFolder.delete(output);
    copy(whole, output);
    Object[] other = {"--learning-rate", "3e-3", "--overwrite-output-dir"};
    train(temporary.resolve("reference"), other);
    Path unfinished = output.resolve("unfinished");
    train(unfinished, other);
    kill(unfinished);
    Mft.Run run = train(output, other);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("Goes on after step 4 from " + unfinished);
    whole = temporary.resolve("reference");
    assertWhole();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aMoveThatWasCutOffIsCompleted(boolean begun) throws IOException {
    AtomicFolder.delete(output);
    copy(whole, output);
    Object[] other = {"--learning-rate", "3e-3", "--overwrite-output-dir"};
    Path unfinished = output.resolve("unfinished");
    train(unfinished, other);
    whole = temporary.resolve("reference");
    train(whole, other);
    if (begun) {
      String names = String.join("\n", TinyModel.names(unfinished)) + "\n";
      Files.writeString(unfinished.resolve("publishing.txt"), names);
      Files.delete(output.resolve(WEIGHTS));
      Files.move(unfinished.resolve(WEIGHTS), output.resolve(WEIGHTS));
      AtomicFolder.delete(output.resolve("checkpoint-6"));
      Files.move(unfinished.resolve("checkpoint-6"), output.resolve("checkpoint-6"));
    }
    Mft.Run run = train(output, other);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("Put the run in its place");
    assertWhole();
  }
}
