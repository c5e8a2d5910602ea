package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.AtomicFolder;

/**
 * A process that is killed at any moment, started again as often as it takes, ends with the files
 * of one that was not. {@code -Dmft.kills=200} kills more often than the build does.
 */
final class KillTest {
  private static final int KILLS = Integer.getInteger("mft.kills", 3);
  private static final int IN_A_RUN = 6; // at most
  private static final String NOT_COMPARED =
      ".*(train_results|trainer_state).json|.*SHA256SUMS|.*run.yaml|.*report.html|.*tfevents.*";

  @TempDir Path temporary;
  private long duration; // of a whole run, milliseconds

  @BeforeEach
  void prepare() throws IOException {
    TinyModel.make(temporary, true);
    Files.writeString(temporary.resolve("notes.txt"), "The quick brown fox jumps. ".repeat(44));
  }

  /** Epochs with a partial step at their end, dropout, accumulation, evaluations and the best. */
  private Process train(boolean full, Path output) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "org.mobilefinetuner.cli.Main",
                "train",
                "--model=" + temporary.resolve("model"),
                "--data=" + temporary.resolve("notes.txt"),
                "--output-dir=" + output,
                "--overwrite-output-dir",
                "--backend=scalar",
                "--max-seq-length=32",
                "--batch-size=2",
                "--grad-accum=2",
                "--epochs=2",
                "--dropout=0.1",
                "--val-split=0.2",
                "--eval-steps=3",
                "--save-steps=2",
                "--logging-steps=2"));
    command.addAll(
        full ? List.of("--method=full", "--save-dtype=bf16") : List.of("--lora-dropout=0.2"));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(temporary.resolve("log.txt").toFile())
        .start();
  }

  @Test
  void killedAtAnyMomentItEndsWithTheSameFiles() throws IOException, InterruptedException {
    Random random = new Random();
    int kills = 0;
    for (int round = 0; kills < KILLS; round++) {
      boolean full = round % 2 == 1;
      Path whole = temporary.resolve(full ? "full" : "lora");
      long start = System.nanoTime();
      if (!Files.exists(whole)) {
        end(train(full, whole));
      }
      long millis = (System.nanoTime() - start) / 1_000_000;
      duration = round < 2 ? Math.max(duration, millis) : duration;
      Path output = temporary.resolve("killed");
      int wanted = Math.min(KILLS - kills, IN_A_RUN);
      for (int i = 0; i < wanted && !Files.exists(output.resolve("train_results.json")); i++) {
        Process process = train(full, output);
        long moment = duration * 4 / 10 + random.nextLong(duration * 6 / 10);
        if (!process.waitFor(moment, TimeUnit.MILLISECONDS)) {
          kills++;
        }
        process.destroyForcibly().waitFor();
      }
      if (!Files.exists(output.resolve("train_results.json"))) {
        end(train(full, output));
      }
      assertThat(contents(output)).isEqualTo(contents(whole));
      AtomicFolder.delete(output);
    }
  }

  private void end(Process process) throws IOException, InterruptedException {
    int code = process.waitFor();
    assertThat(code).as(Files.readString(temporary.resolve("log.txt"))).isZero();
  }

  /** All files by their path, but those with times or memory; the log without both. */
  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString();
        if (name.endsWith("metrics.jsonl")) {
          contents.put(name, log(file));
        } else if (!name.matches(NOT_COMPARED)) {
          contents.put(name, Arrays.hashCode(Files.readAllBytes(file)) + "");
        }
      }
    }
    return contents;
  }

  private static String log(Path file) throws IOException {
    return Log.measured(file).stream().map(Log::same).collect(Collectors.joining("\n"));
  }
}
