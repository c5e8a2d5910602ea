package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.cli.quickstart.Assistant;
import org.mobilefinetuner.cli.quickstart.Example;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.Kernels;

/** The health log of docs/experiments, a day of it: wrong before, right after if it was learned. */
final class HealthLogTest {
  private static final Path ROOT = Path.of(System.getProperty("mft.root", "..")).toAbsolutePath();
  private static final Path MODEL = ROOT.resolve("quickstart/model");
  private static final Path LOG = ROOT.resolve("quickstart/health-log");
  private static final String DAY = "march 3";

  @TempDir Path temporary;

  private static long right(List<Example> questions, Path model, Path adapter, Kernels kernels)
      throws IOException {
    try (Assistant assistant = Assistant.open(model, adapter, kernels)) {
      return questions.stream()
          .filter(q -> assistant.answer(q.prompt()).equals(q.completion().strip()))
          .count();
    }
  }

  private static List<Example> ofDay(List<Example> questions) {
    return questions.stream().filter(q -> q.prompt().contains(DAY)).toList();
  }

  @Test
  void whatWasLearnedOfADayIsAnsweredAfterwards() throws IOException {
    Path data = temporary.resolve("day.jsonl");
    Files.write(
        data,
        Files.readAllLines(LOG.resolve("train.jsonl")).stream()
            .filter(line -> line.contains(DAY))
            .toList());
    Path adapter = temporary.resolve("adapter");
    Mft.Run run =
        Mft.run(
            "train",
            "--model",
            MODEL,
            "--data",
            data,
            "--config",
            LOG.resolve("lora.yaml"),
            "--max-steps",
            150,
            "--threads",
            2,
            "--output-dir",
            adapter);
    assertThat(run.code()).as(run.err()).isZero();
    List<Example> questions = ofDay(Example.read(LOG.resolve("heldout.jsonl")));
    assertThat(questions).hasSize(10);
    try (Kernels kernels = Backends.best(2)) {
      try (Assistant before = Assistant.open(MODEL, null, kernels)) {
        assertThat(questions)
            .noneMatch(q -> before.answer(q.prompt()).equals(q.completion().strip()));
      }
      assertThat(right(Example.read(data), MODEL, adapter, kernels)).isGreaterThanOrEqualTo(25);
      assertThat(right(questions, MODEL, adapter, kernels)).isPositive(); // few: a day is little
    }
  }

  @Test
  void noQuestionThatIsAskedWasLearned() throws IOException {
    Set<String> learned = new HashSet<>();
    Example.read(LOG.resolve("train.jsonl")).forEach(e -> learned.add(e.prompt()));
    List<Example> asked = new ArrayList<>(Example.read(LOG.resolve("heldout.jsonl")));
    asked.addAll(Example.read(LOG.resolve("show.jsonl")));
    assertThat(asked).hasSize(76).noneMatch(e -> learned.contains(e.prompt()));
  }

  @Test
  void theGeneratorWritesTheFiles() throws IOException, InterruptedException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process generate =
        new ProcessBuilder(
                java.toString(),
                ROOT.resolve("tools/health-log/Generate.java").toString(),
                temporary.toString())
            .inheritIO()
            .start();
    assertThat(generate.waitFor()).isZero();
    for (String name : List.of("train.jsonl", "heldout.jsonl", "show.jsonl")) {
      assertThat(temporary.resolve(name)).hasSameTextualContentAs(LOG.resolve(name));
    }
  }
}
