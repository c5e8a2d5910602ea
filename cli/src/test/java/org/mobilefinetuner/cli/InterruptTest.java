package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.io.JsonObject;

/** What is left when somebody presses Ctrl-C, tried on a process of its own. */
@DisabledOnOs(OS.WINDOWS)
final class InterruptTest {
  @TempDir Path temporary;
  private Path model = Path.of("");
  private Path output = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    model = TinyModel.make(temporary, true);
    output = temporary.resolve("out");
    Files.writeString(temporary.resolve("notes.txt"), "The quick brown fox jumps. ".repeat(40));
  }

  /** Enough for a step or an evaluation that takes minutes. */
  private Path large() throws IOException {
    return Files.writeString(temporary.resolve("large.txt"), "A long text. ".repeat(100_000));
  }

  private Process train(Object... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.mobilefinetuner.cli.Main",
                "train",
                "--model",
                model.toString(),
                "--backend",
                "scalar",
                "--max-seq-length",
                "32",
                "--max-steps",
                "1000000",
                "--logging-steps",
                "1",
                "--output-dir",
                output.toString()));
    Arrays.stream(more).forEach(word -> command.add(word.toString()));
    if (!command.contains("--data")) {
      command.addAll(List.of("--data", temporary.resolve("notes.txt").toString()));
    }
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private interface Event {
    boolean yet() throws IOException;
  }

  /** Presses Ctrl-C after the line that contains {@code text}; gives the whole output. */
  private static String interrupt(Process process, String text)
      throws IOException, InterruptedException {
    return interrupt(process, text, "INT", 1, () -> true);
  }

  /** Sends a signal {@code times}, after a line and when something has happened. */
  private static String interrupt(
      Process process, String text, String signal, int times, Event happened)
      throws IOException, InterruptedException {
    StringBuilder all = new StringBuilder();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      boolean pressed = false;
      for (String line; (line = lines.readLine()) != null; ) {
        all.append(line).append('\n');
        if (!pressed && line.contains(text)) {
          pressed = true;
          while (!happened.yet()) {
            Thread.sleep(20);
          }
          for (int i = 0; i < times; i++) {
            new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                .start()
                .waitFor();
          }
        }
      }
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return all.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void whatIsTrainedSoFarIsSaved(String signal) throws IOException, InterruptedException {
    Process process = train();
    String text = interrupt(process, "Iter 3:", signal, 1, () -> true);
    assertThat(process.exitValue()).as(text).isEqualTo(130);
    assertThat(text).contains("Interrupted after", "saved to " + output.resolve("checkpoint-"));
    List<String> names = TinyModel.names(output);
    assertThat(names)
        .hasSize(5)
        .contains("metrics.jsonl", "report.html", "run.yaml", "tensorboard");
    assertThat(text).contains("Report: " + output.resolve("report.html"));
    assertThat(Log.events(output.resolve("metrics.jsonl"), "end"))
        .extracting(line -> line.get("outcome"))
        .containsExactly("interrupted");
    Path checkpoint = output.resolve(names.get(0));
    int step = JsonObject.read(checkpoint.resolve("trainer_state.json")).integer("global_step");
    assertThat(step).isGreaterThanOrEqualTo(3).isLessThan(1_000_000);
    assertThat(checkpoint).hasFileName("checkpoint-" + step);
    Mft.Run again =
        Mft.run(
            "eval",
            "ppl",
            "--model",
            model,
            "--adapter",
            checkpoint,
            "--data",
            model.resolveSibling("notes.txt"));
    assertThat(again.code()).as(again.err()).isZero();
  }

  @Test
  void anEvaluationIsGivenUp() throws IOException, InterruptedException {
    Process process = train("--valid-data", large(), "--eval-steps", 2);
    String text = interrupt(process, "Iter 2:");
    assertThat(process.exitValue()).as(text).isEqualTo(130);
    assertThat(text).contains("Interrupted after 2 steps").doesNotContain("Val loss");
  }

  @Test
  void anInterruptedRunDoesNotReplaceOne() throws IOException, InterruptedException {
    Mft.Run first =
        Mft.run(
            "train",
            "--model",
            model,
            "--data",
            temporary.resolve("notes.txt"),
            "--max-seq-length",
            32,
            "--max-steps",
            2,
            "--output-dir",
            output);
    assertThat(first.code()).as(first.err()).isZero();
    byte[] adapter = Files.readAllBytes(output.resolve("adapter_model.safetensors"));
    Process process = train("--overwrite-output-dir");
    String text = interrupt(process, "Iter 3:");
    assertThat(process.exitValue()).as(text).isEqualTo(130);
    assertThat(text).contains("is as it was");
    assertThat(output.resolve("adapter_model.safetensors")).hasBinaryContent(adapter);
    assertThat(TinyModel.names(output.resolve("unfinished")).get(0)).startsWith("checkpoint-");
  }

  @Test
  void theSecondEndsAtOnce() throws IOException, InterruptedException {
    Path batches = temporary.resolve("batches.jsonl"); // written as the step begins
    Process process =
        train(
            "--data",
            large(),
            "--batch-size",
            1,
            "--grad-accumulation-steps",
            30_000,
            "--dump-batches",
            batches);
    String text =
        interrupt(
            process,
            "parameters",
            "INT",
            2,
            () -> Files.exists(batches) && Files.size(batches) > 0);
    assertThat(process.exitValue()).as(text).isEqualTo(130);
    assertThat(text).contains("nothing more is saved");
    assertThat(TinyModel.names(output)).containsExactly("metrics.jsonl", "run.yaml", "tensorboard");
  }
}
