package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.cli.quickstart.Action;
import org.mobilefinetuner.cli.quickstart.Assistant;
import org.mobilefinetuner.cli.quickstart.Example;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.Kernels;

/** The quickstart teaches what it says, and nothing else explains its score. */
final class QuickstartTest {
  private static final Path ROOT = Path.of(System.getProperty("mft.root", ".."));
  private static final Path FILES = ROOT.resolve("quickstart");
  private static final Path MODEL = FILES.resolve("model");

  @TempDir static Path temporary;
  static Kernels kernels = Backends.best(2);
  static Path tuned = Path.of("");

  @BeforeAll
  static void tune() {
    tuned = temporary.resolve("tuned");
    train(FILES.resolve("train.jsonl"), tuned);
  }

  @AfterAll
  static void close() {
    kernels.close();
  }

  private static void train(Path data, Path output, String... more) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "train",
                "--model",
                MODEL,
                "--data",
                data,
                "--config",
                FILES.resolve("lora.yaml"),
                "--output-dir",
                output,
                "--threads",
                2));
    args.addAll(List.of(more));
    Mft.Run run = Mft.run(args.toArray());
    assertThat(run.code()).as(run.err()).isZero();
  }

  private static List<Example> examples(String name) throws IOException {
    return Example.read(FILES.resolve(name));
  }

  private static double base(List<Example> examples) throws IOException {
    try (Assistant assistant = Assistant.open(MODEL, null, kernels)) {
      return assistant.percentRight(examples);
    }
  }

  private static double tuned(Path adapter, List<Example> examples) throws IOException {
    try (Assistant assistant = Assistant.open(MODEL, adapter, kernels)) {
      return assistant.percentRight(examples);
    }
  }

  @Test
  void noHeldOutCommandOrCombinationOfSlotsIsInTheTrainingData() throws IOException {
    Set<String> commands = new HashSet<>();
    Set<Action> actions = new HashSet<>();
    for (Example e : examples("train.jsonl")) {
      commands.add(e.sentence().toLowerCase(Locale.ROOT));
      actions.add(Action.parse(e.completion()).orElseThrow());
    }
    for (String name : List.of("heldout.jsonl", "retention.jsonl", "show.jsonl")) {
      for (Example e : examples(name)) {
        assertThat(commands).doesNotContain(e.sentence().toLowerCase(Locale.ROOT));
        assertThat(actions).doesNotContain(Action.parse(e.completion()).orElseThrow());
      }
    }
    assertThat(examples("heldout.jsonl")).hasSize(200);
    assertThat(examples("show.jsonl")).hasSize(6);
  }

  @Test
  void tuningTeachesTheWordsAndKeepsTheRest() throws IOException {
    List<Example> heldOut = examples("heldout.jsonl");
    List<Example> retention = examples("retention.jsonl");
    assertThat(base(heldOut)).isLessThanOrEqualTo(20);
    assertThat(tuned(tuned, heldOut)).isGreaterThanOrEqualTo(85);
    assertThat(tuned(tuned, retention)).isGreaterThanOrEqualTo(base(retention) - 5);
  }

  @Test
  void shuffledLabelsTeachNothing() throws IOException {
    List<Example> train = examples("train.jsonl");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < train.size(); i++) {
      String other = train.get((i + 137) % train.size()).completion();
      lines.add(
          JsonObject.empty()
              .put("prompt", train.get(i).prompt())
              .put("completion", other)
              .toString());
    }
    Path data = temporary.resolve("shuffled.jsonl");
    Files.write(data, lines);
    Path adapter = temporary.resolve("shuffled");
    train(data, adapter);
    assertThat(tuned(adapter, examples("heldout.jsonl"))).isLessThanOrEqualTo(20);
  }

  @Test
  void learningRateZeroChangesNothing() throws IOException {
    Path adapter = temporary.resolve("zero");
    train(FILES.resolve("train.jsonl"), adapter, "--learning-rate=0", "--max-steps=3");
    try (Assistant base = Assistant.open(MODEL, null, kernels);
        Assistant same = Assistant.open(MODEL, adapter, kernels)) {
      for (Example e : examples("show.jsonl")) {
        assertThat(same.answer(e.prompt())).isEqualTo(base.answer(e.prompt()));
      }
    }
  }

  @Test
  void withoutTheAdapterItIsTheBaseAgain() throws IOException {
    List<String> before = new ArrayList<>();
    List<String> after = new ArrayList<>();
    try (Assistant base = Assistant.open(MODEL, null, kernels)) {
      examples("show.jsonl").forEach(e -> before.add(base.answer(e.prompt())));
    }
    assertThat(tuned(tuned, examples("show.jsonl"))).isGreaterThan(50);
    try (Assistant base = Assistant.open(MODEL, null, kernels)) {
      examples("show.jsonl").forEach(e -> after.add(base.answer(e.prompt())));
    }
    assertThat(after).isEqualTo(before);
  }

  @Test
  void aNewProcessGivesTheSameAnswers() throws IOException, InterruptedException {
    Example first = examples("show.jsonl").get(0);
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process process =
        new ProcessBuilder(
                java.toString(),
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                "org.mobilefinetuner.cli.Main",
                "generate",
                "--model",
                MODEL.toString(),
                "--adapter",
                tuned.toString(),
                "--greedy",
                "--prompt",
                first.prompt())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    try (Assistant assistant = Assistant.open(MODEL, tuned, kernels)) {
      assertThat(printed).contains(assistant.answer(first.prompt()));
    }
  }
}
