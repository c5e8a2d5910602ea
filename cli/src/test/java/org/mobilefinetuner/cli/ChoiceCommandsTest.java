package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;

/** {@code mft eval mmlu} and {@code mft eval task} on a model that knows nothing. */
class ChoiceCommandsTest {
  @TempDir Path dir;
  private Path model = Path.of("");
  private Path mmlu = Path.of("");
  private Path piqa = Path.of("");

  @BeforeEach
  void write() throws IOException {
    Path config = TinyModel.config(dir);
    Files.writeString(config, Files.readString(config).replace("40", "400"));
    model = dir.resolve("model");
    assertThat(Mft.run("init", "--config", config, "--output", model, "--seed", 7).err()).isEmpty();
    ByteTokenizer.write(model);
    mmlu = dir.resolve("mmlu");
    subject("the_one", 3);
    subject("the_other", 1);
    piqa = dir.resolve("piqa.jsonl");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      lines.append(
          JsonObject.empty()
                  .put("goal", "the goal " + i)
                  .put("sol1", "a")
                  .put("sol2", "the other one")
                  .put("label", i % 2)
              + "\n");
    }
    Files.writeString(piqa, lines.toString());
  }

  private void subject(String name, int questions) throws IOException {
    for (String split : List.of("dev", "test")) {
      StringBuilder csv = new StringBuilder();
      for (int i = 0; i < (split.equals("dev") ? 5 : questions); i++) {
        csv.append("\"Which, the\nfirst ").append(i).append("?\",one,two,three,four,");
        csv.append("ABCD".charAt((i + 1) % 4)).append('\n');
      }
      Path file = mmlu.resolve(split).resolve(name + "_" + split + ".csv");
      Files.createDirectories(file.getParent());
      Files.writeString(file, csv.toString());
    }
  }

  private JsonObject json(Object... args) throws IOException {
    Mft.Run run = Mft.run(args);
    assertThat(run.err()).isEmpty();
    return JsonObject.parse("out", run.out());
  }

  @Test
  void mmluCountsBySubject() throws IOException {
    Path samples = dir.resolve("samples.jsonl");
    JsonObject json =
        json("eval", "mmlu", "--model", model, "--data", mmlu, "--json", "--samples", samples);
    assertThat(json.integer("questions")).isEqualTo(4);
    JsonObject one = (JsonObject) json.list("subjects").get(0);
    JsonObject other = (JsonObject) json.list("subjects").get(1);
    assertThat(one.string("subject")).isEqualTo("the_one");
    int right = one.integer("right") + other.integer("right");
    assertThat(json.number("acc_micro")).isEqualTo(right / 4.0);
    assertThat(json.number("acc_macro"))
        .isCloseTo((one.number("acc") + other.number("acc")) / 2, within(1e-12));
    assertThat(one.object("shots_used").keys()).as("400 positions").doesNotContain("5", "0");
    List<JsonObject> lines = lines(samples);
    assertThat(lines).hasSize(4);
    int again = 0;
    for (JsonObject line : lines) {
      List<?> scores = line.list("scores");
      int predicted = line.integer("predicted");
      for (Object score : scores) {
        assertThat((Double) score).isLessThanOrEqualTo((Double) scores.get(predicted));
      }
      again += predicted == line.integer("gold") ? 1 : 0;
      assertThat(line.string("context")).startsWith("The following").endsWith("Answer:");
      assertThat(line.list("continuations")).hasSize(4);
    }
    assertThat(again).isEqualTo(right);
    assertThat(json.integer("tokens_read"))
        .as("the examples are read once for each subject")
        .isLessThan(4 * 300);
    assertThat(TinyModel.names(dir)).doesNotContain("samples.jsonl.tmp");
  }

  private static List<JsonObject> lines(Path file) throws IOException {
    List<JsonObject> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JsonObject.parse("samples", line));
    }
    return lines;
  }

  @Test
  void mmluAsATable() {
    Mft.Run run =
        Mft.run(
            "eval",
            "mmlu",
            "--model",
            model,
            "--data",
            mmlu,
            "--shots",
            2,
            "--limit",
            1,
            "--subjects",
            "the_other,the_one");
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines().map(line -> line.split(" {2,}", 2)[0]))
        .containsExactly("subject", "the_other", "the_one", "micro average", "macro average");
    run = Mft.run("eval", "mmlu", "--model", model, "--data", mmlu, "--subjects", "the_on");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("unknown subject \"the_on\"; did you mean the_one?");
    run = Mft.run("eval", "mmlu", "--model", model, "--data", mmlu, "--shots", 6);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("at least 6 examples, found 5");
    assertThat(Mft.run("eval", "mmlu", "--model", model, "--data", dir).err())
        .contains("found no test files");
  }

  @Test
  void taskWithAdaptersSideBySide() throws IOException {
    Path adapter = dir.resolve("adapter");
    Path text = dir.resolve("text.txt");
    Files.writeString(text, "the goal the other one ".repeat(40));
    Mft.Run train =
        Mft.run(
            "train",
            "--model",
            model,
            "--data",
            text,
            "--output-dir",
            adapter,
            "--max-steps",
            2,
            "--max-seq-length",
            16,
            "--lr",
            0.05,
            "--warmup-steps",
            0);
    assertThat(train.code()).as(train.err()).isZero();
    Object[] args = {
      "eval",
      "task",
      "piqa",
      "--model",
      model,
      "--data",
      piqa,
      "--adapter",
      adapter,
      "--adapter",
      adapter,
      "--json"
    };
    List<?> results = json(args).list("results");
    assertThat(results).hasSize(3);
    assertThat(((JsonObject) results.get(0)).get("adapter")).isNull();
    JsonObject adapted = (JsonObject) results.get(1);
    assertThat(adapted.string("adapter")).isEqualTo(adapter.toString());
    assertThat(adapted.integer("questions")).isEqualTo(4);
    assertThat(adapted.number("acc")).isEqualTo(((JsonObject) results.get(2)).number("acc"));

    JsonObject one =
        json("eval", "task", "PIQA", "--model", model, "--data", piqa, "--limit=3", "--json");
    assertThat(one.integer("questions")).isEqualTo(3);
    Mft.Run table =
        Mft.run(
            "eval",
            "task",
            "piqa",
            "--model",
            model,
            "--data",
            piqa,
            "--base",
            "--adapter",
            adapter);
    assertThat(table.out()).contains("piqa, 4 questions", "acc_norm", "\nbase ", "\n" + adapter);
  }

  @Test
  void wrongUse() throws IOException {
    Mft.Run run = Mft.run("eval", "task", "piqua", "--model", model, "--data", piqa);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("found piqua; did you mean piqa?");
    run = Mft.run("eval", "task", "piqa", "--model", model, "--data", piqa, "--limit", 0);
    assertThat(run.code()).isEqualTo(2);
    run = Mft.run("eval", "task", "boolq", "--model", model, "--data", piqa);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("piqa.jsonl:1");
    Path samples = dir.resolve("samples.jsonl");
    TinyModel.poke(model, "transformer.h.0.attn.c_proj.weight", Float.NaN);
    run = Mft.run("eval", "task", "piqa", "--model", model, "--data", piqa, "--samples", samples);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("transformer.h.0.attn.c_proj.weight");
    assertThat(TinyModel.names(dir)).doesNotContain("samples.jsonl", "samples.jsonl.tmp");
  }
}
