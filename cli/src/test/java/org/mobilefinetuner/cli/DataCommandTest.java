package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.text.Tokenizer;

class DataCommandTest {
  private static final String TEMPLATE =
      "{% for m in messages %}{{ m.role[0] }}:{{ m.content }}"
          + "{{ '<|endoftext|>' if m.role == 'assistant' else '' }}\n{% endfor %}"
          + "{% if add_generation_prompt %}a:{% endif %}";
  private static final String TALK =
      "{\"messages\": [{\"role\": \"user\", \"content\": \"one\"},"
          + " {\"role\": \"assistant\", \"content\": \"two\"}]}";

  @TempDir Path dir;
  private Path model = Path.of("");
  private Path data = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    model = TinyModel.make(dir, true);
    Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
    Files.writeString(model.resolve("tokenizer_config.json"), "{\"eos_token\": \"<|endoftext|>\"}");
    data = dir.resolve("data.jsonl");
    lines(TALK, "{\"messages\": [{\"role\": \"user\", \"content\": \"three\"}]}", TALK);
  }

  private void lines(String... lines) throws IOException {
    Files.writeString(data, String.join("\n", lines) + "\n");
  }

  private Mft.Run data(String command, Object... more) {
    List<Object> args = new ArrayList<>(List.of("data", command, "--model", model));
    if (!Arrays.asList(more).contains("--data")) {
      args.addAll(List.of("--data", data));
    }
    args.addAll(Arrays.asList(more));
    return Mft.run(args.toArray());
  }

  private static String prompt(String text) {
    return "{\"prompt\": \"" + text + "\", \"completion\": \"!\"}";
  }

  @Test
  void previewMarksWhatIsLearned() {
    Mft.Run run = data("preview");
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines())
        .containsExactly(
            data + ": chat",
            "example 1 (" + data + ":1): 13 tokens, 4 to predict",
            "u:one",
            "a:[[two<|endoftext|>]]",
            "");
  }

  @Test
  void previewShowsTheExamplesThatWereAskedFor() {
    assertThat(data("preview", "--example", 2, "--count", 5).out())
        .contains("example 2", "u:three", "0 to predict", "example 3")
        .doesNotContain("example 1", "example 4");
    Mft.Run run = data("preview", "--example", 4);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("an example number 4, found 3 examples");
    assertThat(data("preview", "--count", 0).code()).isEqualTo(2);
  }

  @Test
  void previewShowsWhatIsCutOff() {
    assertThat(data("preview", "--max-seq-length", 9).out())
        .contains("9 tokens, 1 to predict, 4 cut off", "a:[[t]]");
  }

  @Test
  void previewShowsIdsAndLabels() {
    assertThat(data("preview", "--ids").out().lines())
        .contains(
            "place   id  label  piece",
            "    0  117   -100  u",
            "    8  116    116  t",
            "   11  256    256  <|endoftext|>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--train-on-prompt", "--mask-prompt=false", "--assistant-only-loss=false"})
  void theMaskCanBeTurnedOff(String option) {
    assertThat(data("preview", option).out()).contains("u[[:one\na:two<|endoftext|>\n]]");
  }

  @Test
  void theBoundaryOfTrlHasTheLineBreak() {
    assertThat(data("preview", "--mask-boundary", "trl").out())
        .contains("a:[[two<|endoftext|>\n]]");
  }

  /** The first token is never predicted, and colours end where they should. */
  @Test
  void coloursShowWhatIsLearned() throws IOException {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    Tokenizer tokenizer = Tokenizer.load(model);
    Sequence example = new Sequence(0, new int[] {97, 98, 99}, new int[] {97, -100, 99});
    new LearnedText(tokenizer, example).print(out, true);
    new LearnedText(null, example).print(out, false);
    out.flush();
    assertThat(text.toString().lines())
        .containsExactly("\033[2mab\033[0m\033[32mc\033[0m", "97 98 [[99 ]]");
  }

  @Test
  void checkCounts() throws IOException {
    String cut = prompt("x".repeat(50));
    lines(prompt("a"), prompt("b"), prompt("a"), cut);
    Mft.Run run = data("check", "--json", "--max-seq-length", 20);
    assertThat(run.code()).as(run.out()).isZero();
    JsonObject file = JsonObject.parse("out", run.out()).objects("files").get(0);
    assertThat(file.string("format")).isEqualTo("prompt/completion");
    assertThat(file.integer("examples")).isEqualTo(4);
    assertThat(file.integer("tokens")).isEqualTo(3 + 3 + 3 + 52);
    assertThat(file.integer("supervised_tokens")).isEqualTo(6);
    assertThat(file.integer("length_min")).isEqualTo(3);
    assertThat(file.integer("length_median")).isEqualTo(3);
    assertThat(file.integer("length_p95")).isEqualTo(52);
    assertThat(file.integer("length_max")).isEqualTo(52);
    assertThat(file.integer("truncated")).isEqualTo(1);
    assertThat(file.integer("emptied_by_truncation")).isEqualTo(1);
    assertThat(file.integer("duplicates")).isEqualTo(1);
    assertThat(file.integer("missing_end")).isZero();
    assertThat(data("check", "--max-seq-length", 20).out())
        .contains("4 examples", "duplicates     1", "1 with none in the first 20 tokens")
        .contains("nothing here would ruin a run")
        .doesNotContain("problem");
  }

  @Test
  void dataThatTeachesNothingIsAProblem() throws IOException {
    lines("{\"messages\": [{\"role\": \"user\", \"content\": \"three\"}]}");
    Mft.Run run = data("check");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out())
        .contains("problem: " + data + ": expected tokens to predict, found none in 1 examples");
  }

  @Test
  void twoBeginningsAreAProblem() throws IOException {
    Files.writeString(
        model.resolve("tokenizer_config.json"),
        "{\"bos_token\": \"<|endoftext|>\", \"eos_token\": \"<|endoftext|>\"}");
    lines(prompt("a"), prompt("<|endoftext|><|endoftext|>b"), prompt("<|endoftext|>b"));
    Mft.Run run = data("check");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).contains("problem: " + data + ":2: expected one token that begins");
  }

  @Test
  void aMissingEndIsSaid() throws IOException {
    lines("{\"input_ids\": [1, 2, 256]}", "{\"input_ids\": [1, 2, 3]}");
    Mft.Run run = data("check");
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("1 teach no end token, first " + data + ":2");
  }

  /** What generate puts before a text is put before what is learned, and missed in given ids. */
  @Test
  void aMissingBeginIsSaid() throws IOException {
    Files.writeString(
        model.resolve("tokenizer_config.json"),
        "{\"bos_token\": \"<|endoftext|>\", \"eos_token\": \"<|endoftext|>\"}");
    lines(prompt("<|endoftext|>a"), prompt("b"));
    assertThat(data("check").out()).doesNotContain("no begin");
    Path tokenizer = model.resolve("tokenizer.json");
    Files.writeString(
        tokenizer,
        Files.readString(tokenizer)
            .replace(
                "\"post_processor\": null",
                """
                "post_processor": {"type": "TemplateProcessing",
                 "single": [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}},
                   {"Sequence": {"id": "A", "type_id": 0}}], "pair": [],
                 "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [256],
                   "tokens": ["<|endoftext|>"]}}}
                """));
    assertThat(data("check").out()).doesNotContain("no begin", "begin twice");
    lines("{\"input_ids\": [256, 1, 2]}", "{\"input_ids\": [1, 2]}");
    Mft.Run run = data("check");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("1 lack the begin token, first " + data + ":2");
  }

  @ParameterizedTest
  @CsvSource({"--max-leakage=0.01, 1", "--max-leakage=0.5, 0"})
  void whatIsTrainedOnAndEvaluatedIsFound(String most, int code) throws IOException {
    Path folder = Files.createDirectories(dir.resolve("set"));
    Files.writeString(folder.resolve("train.jsonl"), prompt("a") + "\n" + prompt("b") + "\n");
    Files.writeString(folder.resolve("valid.json"), "[" + prompt("a") + "," + prompt("c") + "]");
    Files.writeString(folder.resolve("test.jsonl"), prompt("d") + "\n");
    Mft.Run run = data("check", "--data", folder, most);
    assertThat(run.out()).contains("valid: 1 of 2 examples are also trained on", "test: 0 of 1");
    assertThat(run.code()).isEqualTo(code);
    lines(prompt("a"), prompt("b"), prompt("c"), prompt("a"));
    run = data("check", "--val-split", 0.5, most);
    assertThat(run.out()).contains("valid: 1 of 2 examples are also trained on");
    assertThat(run.code()).isEqualTo(code);
  }

  @Test
  void anUnreadableRecordIsNamed() throws IOException {
    lines(TALK, "{\"messages\": 5}");
    Mft.Run run = data("check");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains(data + ":2: expected a list as \"messages\", found 5");
  }

  @Test
  void splitDealsRecordsOutAndKeepsEqualOnesTogether() throws IOException {
    List<String> records = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      records.add(prompt("number " + i % 200));
    }
    Files.writeString(data, "[" + String.join(",\n", records) + "]");
    Path out = dir.resolve("split");
    Mft.Run run = Mft.run("data", "split", "--data", data, "-o", out, "--test", 0.2);
    assertThat(run.err()).isEmpty();
    TreeSet<String> all = new TreeSet<>();
    int count = 0;
    int distinct = 0;
    for (String name : List.of("train.jsonl", "valid.jsonl", "test.jsonl")) {
      List<String> part = Files.readAllLines(out.resolve(name));
      assertThat(part).isNotEmpty();
      count += part.size();
      distinct += new TreeSet<>(part).size();
      all.addAll(part);
    }
    assertThat(count).isEqualTo(300);
    assertThat(distinct).isEqualTo(200);
    assertThat(all).hasSize(200);
    assertThat(Files.readAllLines(out.resolve("train.jsonl"))).hasSizeBetween(170, 250);
    Path again = dir.resolve("again");
    Mft.run("data", "split", "--data", data, "-o", again, "--test", 0.2);
    assertThat(again.resolve("valid.jsonl")).hasSameTextualContentAs(out.resolve("valid.jsonl"));
    assertThat(Mft.run("data", "split", "--data", data, "-o", out).code()).isEqualTo(2);
    assertThat(data("check", "--data", out).code()).isZero();
  }

  @Test
  void aSplitWithAnEmptyPartLeavesNothing() throws IOException {
    lines(prompt("a"));
    Path out = dir.resolve("split");
    Mft.Run run = Mft.run("data", "split", "--data", data, "-o", out);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("expected a record for each part");
    assertThat(out).doesNotExist();
    assertThat(Mft.run("data", "split", "--data", data, "-o", out, "--valid", 1).code())
        .isEqualTo(2);
  }
}
