package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.io.JsonObject;

final class TrainCommandTest {
  @TempDir Path temporary;
  private Path model = Path.of("");
  private Path data = Path.of("");
  private Path output = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    model = TinyModel.make(temporary, true);
    data = temporary.resolve("notes.txt");
    Files.writeString(data, "The quick brown fox jumps over the lazy dog. ".repeat(40));
    output = temporary.resolve("out");
  }

  private Mft.Run train(Object... more) {
    List<Object> args = new ArrayList<>(List.of("train"));
    args.addAll(Arrays.asList(more));
    Map<String, Object> usual =
        Map.of(
            "--model",
            model,
            "--data",
            data,
            "--output-dir",
            output,
            "--max-seq-length",
            32,
            "--logging-steps",
            1,
            "--learning-rate",
            "1e-2");
    usual.forEach(
        (name, value) -> {
          if (!args.contains(name)) {
            args.addAll(List.of(name, value));
          }
        });
    return Mft.run(args.toArray());
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void loraWritesAnAdapterAndALog() throws IOException {
    Mft.Run run = train("--max-steps", 6, "--batch-size", 2);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(names(output))
        .containsExactly(
            "README.md",
            "adapter_config.json",
            "adapter_model.safetensors",
            "metrics.jsonl",
            "report.html",
            "run.yaml",
            "tensorboard",
            "train_results.json",
            "trainer_state.json");
    List<JsonObject> log = Log.measured(output.resolve("metrics.jsonl"));
    assertThat(log).hasSize(6);
    assertThat(log.get(5).number("loss")).isLessThan(log.get(0).number("loss"));
    assertThat(log.get(0).number("learning_rate")).as("warm-up starts at 0").isZero();
    JsonObject state = JsonObject.read(output.resolve("trainer_state.json"));
    assertThat(state.integer("global_step")).isEqualTo(6);
    assertThat(state.list("log_history")).as("with the end").hasSize(6 + 1);
  }

  @Test
  void fullTrainingWritesAModelThatCanBeTrainedAgain() throws IOException {
    assertThat(train("--method", "full", "--max-steps", 4).code()).isZero();
    assertThat(names(output)).contains("config.json", "model.safetensors", "tokenizer.json");
    double first = Log.measured(output.resolve("metrics.jsonl")).get(0).number("loss");
    Path trained = output;
    model = trained;
    output = temporary.resolve("again");
    assertThat(train("--method", "full", "--max-steps", 1).code()).isZero();
    assertThat(Log.measured(output.resolve("metrics.jsonl")).get(0).number("loss"))
        .isLessThan(first);
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3"})
  void anyNumberOfThreadsGivesTheSameBits(int threads) throws IOException {
    Path one = temporary.resolve("one");
    Path reference = output;
    output = one;
    assertThat(train("--max-steps", 3, "--lora-dropout", 0.1, "--threads", 1).code()).isZero();
    output = reference;
    assertThat(train("--max-steps", 3, "--lora-dropout", 0.1, "--threads", threads).code())
        .isZero();
    String file = "adapter_model.safetensors";
    assertThat(output.resolve(file)).hasSameBinaryContentAs(one.resolve(file));
  }

  @Test
  void recomputingGivesTheSameBitsAsKeeping() throws IOException {
    assertThat(train("--max-steps", 3, "--dropout", 0.1).code()).isZero();
    Path kept = output;
    output = temporary.resolve("recomputed");
    assertThat(train("--max-steps", 3, "--dropout", 0.1, "--grad-checkpoint").code()).isZero();
    String file = "adapter_model.safetensors";
    assertThat(output.resolve(file)).hasSameBinaryContentAs(kept.resolve(file));
  }

  @Test
  void theBestEvaluationIsSaved() throws IOException {
    Mft.Run run = train("--max-steps", 4, "--eval-steps", 2, "--val-split", 0.2);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("Val loss", "best so far");
    assertThat(output.resolve("best/adapter_model.safetensors")).exists();
    long evaluations =
        Log.measured(output.resolve("metrics.jsonl")).stream()
            .filter(l -> l.has("eval_loss"))
            .count();
    assertThat(evaluations).isEqualTo(2);
  }

  @Test
  void theBatchesCanBeWritten() throws IOException {
    Path dump = temporary.resolve("batches.jsonl");
    train("--max-steps", 2, "--batch-size", 2, "--grad-accum", 2, "--dump-batches", dump);
    List<JsonObject> batches = Log.all(dump);
    assertThat(batches).hasSize(4);
    assertThat(batches.get(3).integer("step")).isEqualTo(2);
    assertThat(batches.get(3).integer("micro_batch")).isEqualTo(1);
    assertThat(batches.get(0).list("input_ids")).hasSize(2);
  }

  @Test
  void runYamlRepeatsTheRun() throws IOException {
    train("--max-steps", 3, "--lora-rank", 4, "--lora-targets", "c_attn,c_fc");
    Path again = temporary.resolve("again");
    Mft.Run run = Mft.run("train", "--config", output.resolve("run.yaml"), "--output-dir", again);
    assertThat(run.code()).as(run.err()).isZero();
    String file = "adapter_model.safetensors";
    assertThat(again.resolve(file)).hasSameBinaryContentAs(output.resolve(file));
  }

  @Test
  void anAdapterCanBeTrainedFurther() throws IOException {
    train("--max-steps", 3);
    Path first = output;
    output = temporary.resolve("further");
    assertThat(train("--max-steps", 1, "--adapter", first).code()).isZero();
    assertThat(Log.measured(output.resolve("metrics.jsonl")).get(0).number("loss"))
        .isLessThan(Log.measured(first.resolve("metrics.jsonl")).get(0).number("loss"));
  }

  @Test
  void aFolderWithARunIsNotOverwritten() {
    assertThat(train("--max-steps", 1).code()).isZero();
    Mft.Run run = train("--max-steps", 1);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("without a finished run", "--overwrite-output-dir");
    assertThat(train("--max-steps", 1, "--overwrite-output-dir").code()).isZero();
  }

  @Test
  void aRunThatFailsLeavesTheOneThatItWasToReplace() throws IOException {
    assertThat(train("--max-steps", 4, "--val-split", 0.2, "--eval-steps", 2).code()).isZero();
    Map<String, String> before = contents(output);
    for (int attempt = 0; attempt < 2; attempt++) {
      Mft.Run run =
          train(
              "--max-steps",
              5,
              "--warmup-steps",
              0,
              "--learning-rate",
              "3e38",
              "--overwrite-output-dir");
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err())
          .contains("The run that was in " + output + " is as it was")
          .contains(output.resolve("unfinished").toString());
      Map<String, String> after = contents(output);
      assertThat(after).containsAllEntriesOf(before);
      assertThat(after.keySet())
          .containsAll(
              List.of("unfinished/metrics.jsonl", "unfinished/report.html", "unfinished/run.yaml"))
          .hasSize(before.size() + 4);
      assertThat(Files.readString(output.resolve("unfinished/run.yaml"))).contains("max_steps: 5");
    }
    assertThat(train("--max-steps", 3, "--overwrite-output-dir").code()).isZero();
    assertThat(names(output)).doesNotContain("best", "unfinished");
    assertThat(Log.measured(output.resolve("metrics.jsonl"))).hasSize(3);
  }

  @Test
  void nothingOfAnotherKindOfRunStaysBeside() throws IOException {
    assertThat(train("--max-steps", 1).code()).isZero();
    Files.writeString(output.resolve("mine.txt"), "kept");
    assertThat(output.resolve("README.md")).content().contains("library_name: peft");
    String[] full = {"--method", "full", "--max-steps", "1", "--overwrite-output-dir"};
    Object[] evaluated = {"--max-steps", 1, "--overwrite-output-dir", "--val-split", 0.2};
    assertThat(train((Object[]) full).code()).isZero();
    assertThat(names(output))
        .contains("config.json", "model.safetensors", "mine.txt")
        .doesNotContain("README.md", "adapter_config.json", "adapter_model.safetensors");
    assertThat(train(evaluated).code()).isZero();
    assertThat(names(output))
        .contains("adapter_config.json", "best", "mine.txt")
        .doesNotContain("config.json", "model.safetensors");
    assertThat(train(evaluated).code()).as("best replaces best").isZero();
  }

  /** The files of a folder and of those in it, by their paths. */
  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        contents.put(folder.relativize(file).toString(), bytes);
      }
    }
    return contents;
  }

  /** Editors of Windows write a byte order mark; it is no part of any text. */
  @ParameterizedTest
  @CsvSource({"notes.txt", "notes.jsonl"})
  void aByteOrderMarkIsNoText(String name) throws IOException {
    String mark = "\ufeff";
    data = temporary.resolve(name);
    String text = "The quick brown fox. ".repeat(20);
    Files.writeString(data, name.endsWith("l") ? "{\"text\": \"" + text + "\"}\n" : text);
    assertThat(train("--max-steps", 2).code()).isZero();
    Path reference = output;
    output = temporary.resolve("marked");
    Files.writeString(data, mark + Files.readString(data));
    Path config = temporary.resolve("c.yaml");
    Files.writeString(config, mark + "max_steps: 2\n");
    for (String file : List.of("config.json", "tokenizer.json")) {
      Files.writeString(model.resolve(file), mark + Files.readString(model.resolve(file)));
    }
    Mft.Run run = train("--config", config);
    assertThat(run.code()).as(run.err()).isZero();
    String file = "adapter_model.safetensors";
    assertThat(output.resolve(file)).hasSameBinaryContentAs(reference.resolve(file));
  }

  @Test
  void anUnknownYamlKeyIsNamedWithItsNearest() throws IOException {
    Path config = temporary.resolve("c.yaml");
    Files.writeString(config, "learnin_rate: 1e-3\n");
    Mft.Run run = train("--config", config);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("learnin_rate", "did you mean learning_rate?");
    assertThat(output).doesNotExist();
  }

  @Test
  void theCommandLineBeatsTheFile() throws IOException {
    Path config = temporary.resolve("c.yaml");
    Files.writeString(config, "max_steps: 5\nbatch_size: 2\n");
    assertThat(train("--config", config, "--max-steps", 2).code()).isZero();
    assertThat(Log.measured(output.resolve("metrics.jsonl"))).hasSize(2);
    assertThat(Files.readString(output.resolve("run.yaml"))).contains("batch_size: 2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--max-seq-length 100 | 2 | at most the model's 40 positions, found 100",
        "--lora-targets q_proj | 2 | c_attn",
        "--lora-rank 0 | 2 | rank of at least 1",
        "--warmup-ratio 3 | 2 | from 0 to 1",
        "--max-steps 0 | 2 | at least 1 step",
        "--val-split 1.5 | 2 | between 0 and 1",
        "--data nowhere.txt | 2 | found none",
        "--model nowhere | 1 | expected a model folder",
        "--optim sgd | 2 | unknown option --optim",
        "--logging-steps 0 | 2 | at least 1",
        "--dropout 1 | 2 | below 1",
        "--max-grad-norm -1 | 2 | found",
        "--lora-alpha NaN | 2 | finite --lora-alpha",
        "--lora-alpha Infinity | 2 | finite --lora-alpha",
        "--lora-dropout 1 | 2 | --lora-dropout from 0 to below 1, found 1.0",
        "--lora-dropout NaN | 2 | --lora-dropout from 0 to below 1, found NaN",
        "--max-seq-length 1 | 2 | --max-seq-length of at least 2",
        "--save-steps -1 | 2 | --save-steps of at least 0",
        "--save-minutes NaN | 2 | --save-minutes of at least 0",
        "--save-total-limit 0 | 2 | --save-total-limit of at least 1",
        "--resume-from-checkpoint nowhere | 1 | a checkpoint that can be used at nowhere",
        "--max-seq-length -3 | 2 | at least 2, a token and the one to predict, found -3",
        "--packing --group-by-length | 2 | found both",
        "--mask-prompt --train-on-prompt | 2 | found both; leave one out",
        "--data-format chatty | 2 | expected one of [chat, prompt/completion,",
        "--batch-size 0 | 2 | --batch-size and --grad-accumulation-steps of at least 1, found 0",
      })
  void wrongOptionsAreExplained(String options, int code, String message) {
    Mft.Run run = train((Object[]) options.strip().split(" "));
    assertThat(run.err()).contains(message);
    assertThat(run.code()).isEqualTo(code);
    assertThat(output).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | at least one example",
        "{\"prompt\": \"a\"} | data.jsonl:1: expected the keys",
        "{\"input_ids\": [1, 999]} | below the embedding's 300 rows, found 999",
        "{\"input_ids\": [1, 2], \"labels\": [1]} | as many labels",
        "{\"input_ids\": [1, 2], \"labels\": [-100, -100]} | no supervised token",
        "not json | data.jsonl:1: expected JSON, found <not json> at column",
      })
  void damagedDataIsExplained(String line, String message) throws IOException {
    data = temporary.resolve("data.jsonl");
    Files.writeString(data, line.strip() + "\n");
    Mft.Run run = train("--max-steps", 1);
    assertThat(run.err()).contains(message);
    assertThat(run.code()).isEqualTo(1);
    assertThat(output).doesNotExist();
  }

  @Test
  void aRunThatDivergesInItsLastStepSavesNothing() {
    Mft.Run run = train("--max-steps", 1, "--warmup-steps", 0, "--learning-rate", "3e38");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("finite");
    assertThat(output.resolve("adapter_model.safetensors")).doesNotExist();
  }

  @Test
  void whatIsReadIsNotOverwritten() throws IOException {
    assertThat(train("--max-steps", 1, "--output-dir", model).code()).isEqualTo(2);
    Mft.Run run = train("--max-steps", 1, "--dump-batches", data);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--dump-batches");
    assertThat(Files.readString(data)).startsWith("The quick");
  }

  @Test
  void whatTheOldRunLeftIsNotReadWhileItIsReplaced() throws IOException {
    assertThat(train("--max-steps", 2, "--val-split", 0.2).code()).isZero();
    Mft.Run run =
        train("--max-steps", 1, "--adapter", output.resolve("best"), "--overwrite-output-dir");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--output-dir of its own");
  }

  @Test
  void weightsThatAreNotNumbersStopTheRun() throws IOException {
    TinyModel.poke(model, "transformer.h.0.mlp.c_fc.weight", Float.NaN);
    Mft.Run run = train("--max-steps", 2);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("finite");
    assertThat(output.resolve("adapter_model.safetensors")).doesNotExist();
  }

  @Test
  void anOutputFolderThatCannotBeMadeIsExplained() throws IOException {
    Path file = temporary.resolve("file");
    Files.writeString(file, "");
    output = file.resolve("out");
    Mft.Run run = train("--max-steps", 1);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("cannot make the output folder");
  }

  private void writeRecords(int count) throws IOException {
    data = temporary.resolve("records.jsonl");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      lines
          .append("{\"prompt\": \"the\", \"completion\": \"")
          .append("the ".repeat(i % 5))
          .append(i)
          .append("\"}\n");
    }
    Files.writeString(data, lines);
  }

  /** Bins are counted as sequences were: fewer steps, and no example is lost. */
  @ParameterizedTest
  @CsvSource({"--packing", "--group-by-length"})
  void packingAndGroupsLearnFromEveryExample(String option) throws IOException {
    writeRecords(23);
    Path dump = temporary.resolve("batches.jsonl");
    Mft.Run run = train(option, "--batch-size", 2, "--dump-batches", dump);
    assertThat(run.code()).as(run.err()).isZero();
    List<Object> seen = new ArrayList<>();
    for (JsonObject batch : Log.all(dump)) {
      seen.addAll(batch.list("examples"));
    }
    assertThat(seen).hasSize(23).doesNotHaveDuplicates();
    List<JsonObject> log = Log.measured(output.resolve("metrics.jsonl"));
    assertThat(log).hasSizeBetween(2, option.equals("--packing") ? 6 : 12);
    assertThat(log.get(log.size() - 1).number("epoch")).isEqualTo(1);
    assertThat(run.out().contains("packed into " + log.size() + " micro-batches"))
        .isEqualTo(option.equals("--packing"));
  }

  @Test
  void aFolderMayHoldArrays() throws IOException {
    writeRecords(9);
    Path folder = Files.createDirectories(temporary.resolve("set"));
    String array = "[" + String.join(",", Files.readAllLines(data)) + "]";
    Files.writeString(folder.resolve("train.json"), array);
    Files.writeString(folder.resolve("valid.json"), array);
    data = folder;
    Mft.Run run = train();
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("prompt/completion: 9 examples", "Val loss");
    Mft.Run both = train("--val-split", 0.1, "--output-dir", temporary.resolve("other"));
    assertThat(both.code()).isEqualTo(2);
    assertThat(both.err()).contains("--val-split or a file to evaluate on, found both");
  }

  @Test
  void aRunSaysWhatWasLost() throws IOException {
    data = temporary.resolve("records.jsonl");
    String letters = "x".repeat(60);
    Files.writeString(
        data,
        """
        {"prompt": "a", "completion": "b"}
        {"prompt": "a", "completion": "%s"}
        {"prompt": "%s", "completion": "b"}
        {"text": "", "prompt": "", "completion": ""}
        """
            .formatted(letters, letters));
    Mft.Run run = train("--max-steps", 1);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("2 examples", "2 cut to 32 tokens", "1 dropped: nothing to predict,")
        .contains("1 dropped: nothing to predict in the first 32");
  }

  @Test
  void aConversationWithoutATemplateIsExplained() throws IOException {
    data = temporary.resolve("chat.jsonl");
    Files.writeString(data, "{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\"}]}\n");
    Mft.Run run = train("--max-steps", 1);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("chat.jsonl:1: expected a chat template");
  }
}
