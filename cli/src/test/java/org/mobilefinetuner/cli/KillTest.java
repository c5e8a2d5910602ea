package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
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
import org.mobilefinetuner.io.JsonObject;

/**
 * A process that is killed at any moment, started again as often as it takes, ends with the files
 * of one that was not. {@code -Dmft.kills=200} kills more often than the build does.
 */
final class KillTest {
  private static final int KILLS = Integer.getInteger("mft.kills", 3);
  private static final int IN_A_RUN = Math.max(1, Math.min(6, KILLS / Method.values().length));
  private static final int DROPOUT_BYTES = 1_000_000; // more, of which plans know nothing
  private static final String NOT_COMPARED =
      ".*(train_results|trainer_state).json|.*SHA256SUMS|.*run.yaml|.*report.html|.*tfevents.*";

  /** What is trained, and where it is. */
  private enum Method {
    LORA,
    FULL,
    /** All that is trained in scratch files; ends with the files of {@link #FULL}. */
    SHARDED;

    Method reference() {
      return this == SHARDED ? FULL : this;
    }
  }

  @TempDir Path temporary;
  private final Map<Method, Long> durations = new EnumMap<>(Method.class); // milliseconds
  private long leastBytes; // of a budget for full fine-tuning

  @BeforeEach
  void prepare() throws IOException {
    TinyModel.makeLarge(temporary);
    Files.writeString(temporary.resolve("notes.txt"), "The quick brown fox jumps. ".repeat(44));
    leastBytes = leastBytes();
  }

  private long leastBytes() throws IOException {
    Mft.Run plan =
        Mft.run(
            "plan",
            "--model",
            temporary.resolve("model"),
            "--method=full",
            "--max-seq-length=32",
            "--batch-size=2",
            "--grad-accum=2",
            "--backend=scalar",
            "--threads=1",
            "--allow=nothing",
            "--json");
    assertThat(plan.code()).as(plan.err()).isZero();
    long least = Long.MAX_VALUE;
    for (JsonObject object : JsonObject.parse("plan", plan.out()).objects("plans")) {
      least = Math.min(least, (long) object.number("total_bytes"));
    }
    return least;
  }

  /** Epochs with a partial step at their end, dropout, accumulation, evaluations and the best. */
  private Process train(Method method, Path output) throws IOException {
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
                "--threads=1",
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
        switch (method) {
          case LORA -> List.of("--lora-dropout=0.2");
          case FULL -> List.of("--method=full", "--save-dtype=bf16");
          case SHARDED ->
              List.of(
                  "--method=full",
                  "--save-dtype=bf16",
                  "--allow=nothing",
                  "--memory-budget=" + (leastBytes + DROPOUT_BYTES));
        });
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
      Method method = Method.values()[round % Method.values().length];
      Path whole = whole(method.reference());
      long duration = durations.getOrDefault(method.reference(), 0L);
      Path output = temporary.resolve("killed");
      int wanted = Math.min(KILLS - kills, IN_A_RUN);
      for (int i = 0; i < wanted && !Files.exists(output.resolve("train_results.json")); i++) {
        Process process = train(method, output);
        long moment = duration * 4 / 10 + random.nextLong(duration * 6 / 10);
        if (!process.waitFor(moment, TimeUnit.MILLISECONDS)) {
          kills++;
        }
        process.destroyForcibly().waitFor();
      }
      if (!Files.exists(output.resolve("train_results.json"))) {
        end(train(method, output));
        if (method == Method.SHARDED) {
          assertThat(temporary.resolve("log.txt"))
              .content()
              .contains("weights, gradients and the optimizer's state on disk");
        }
      }
      assertThat(contents(output)).as("%s, round %d", method, round).isEqualTo(contents(whole));
      AtomicFolder.delete(output);
    }
  }

  /** What a run leaves that was not killed. */
  private Path whole(Method method) throws IOException, InterruptedException {
    Path whole = temporary.resolve(method.name());
    if (!Files.exists(whole)) {
      long start = System.nanoTime();
      end(train(method, whole));
      durations.put(method, (System.nanoTime() - start) / 1_000_000);
    }
    return whole;
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
