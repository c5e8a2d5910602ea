package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.io.JsonObject;

/** {@code --base-format}, and models that are quantised themselves. */
final class FrozenFormatTest {
  @TempDir Path dir;
  private Path model = Path.of("");
  private Path data = Path.of("");
  private Path output = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    model = TinyModel.make(dir, true);
    data = dir.resolve("notes.txt");
    Files.writeString(data, "The quick brown fox jumps over the lazy dog. ".repeat(10));
    output = dir.resolve("out");
  }

  private Mft.Run train(Path model, Object... more) {
    List<Object> args = new ArrayList<>(List.of("train", "--model", model, "--data", data));
    args.addAll(List.of("--max-seq-length", 32, "--max-steps", 2));
    args.addAll(List.of(more));
    if (!args.contains("--output-dir")) {
      args.addAll(List.of("--output-dir", output));
    }
    return Mft.run(args.toArray());
  }

  @Test
  void anAdapterIsTrainedOnAQuantisedBase() throws IOException {
    Mft.Run run = train(model, "--base-format", "int4");
    assertThat(run.code()).as(run.err()).isZero();
    Path cache = model.toRealPath().resolve(".mft").resolve("base-int4");
    assertThat(run.err())
        .contains("Converting the base to int4, once; kept in " + cache)
        .contains("Converted: ");
    assertThat(run.out()).contains("parameters in int4, ");
    assertThat(TinyModel.names(cache))
        .containsExactlyInAnyOrder("model.safetensors", "source.json", "SHA256SUMS");
    assertThat(Files.readString(output.resolve("run.yaml"))).contains("base_format: int4");
    JsonObject adapter = JsonObject.read(output.resolve("adapter_config.json"));
    assertThat(adapter.string("peft_type")).isEqualTo("LORA");

    Mft.Run again =
        Mft.run(
            "generate",
            "--model",
            model,
            "--adapter",
            output,
            "--base-format",
            "INT4",
            "--prompt-ids",
            "8,9",
            "--max-new-tokens",
            3,
            "--greedy");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).doesNotContain("Convert");
  }

  /** A conversion may take minutes: what is to be refused is refused before it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--warmup-ratio 2 | expected --warmup-ratio from 0 to 1",
        "--lora-targets nowhere | nowhere",
        "--backend none | expected a backend among",
        "--resume-from CHECKPOINT | base_format is as-is, not int8",
        "--resume-from CHECKPOINT --learning-rate 1 | learning_rate was",
        "--memory-budget 1MB | expected --memory-budget of at least",
      })
  void refusalsComeBeforeAConversion(String options, String message) throws IOException {
    Path first = dir.resolve("first");
    Mft.Run run = train(model, "--save-steps", 1, "--output-dir", first);
    assertThat(run.code()).as(run.err()).isZero();
    List<Object> more = new ArrayList<>(List.of("--base-format", "int8"));
    String checkpoint = first.resolve("checkpoint-1").toString();
    more.addAll(List.of(options.replace("CHECKPOINT", checkpoint).split(" ")));
    Mft.Run refused = train(model, more.toArray());
    assertThat(refused.code()).as(refused.err()).isEqualTo(2);
    assertThat(refused.err()).contains(message);
    assertThat(model.resolve(".mft")).doesNotExist();
  }

  @Test
  void theRunFileIsAConfiguration() throws IOException {
    assertThat(train(model).code()).isZero();
    String yaml = Files.readString(output.resolve("run.yaml"));
    assertThat(yaml).contains("base_format: as-is");
    Path config = Files.writeString(dir.resolve("again.yaml"), yaml);
    Mft.Run run = Mft.run("train", "--config", config, "--output-dir", dir.resolve("other"));
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void evaluationsSayOnWhatTheyWereMade() throws IOException {
    List<Double> perplexities = new ArrayList<>();
    for (String format : List.of("as-is", "bf16", "int8", "int4")) {
      Mft.Run run =
          Mft.run(
              "eval",
              "ppl",
              "--model",
              model,
              "--data",
              data,
              "--context",
              32,
              "--base-format",
              format,
              "--json");
      assertThat(run.code()).as(run.err()).isZero();
      JsonObject json = JsonObject.parse("out", run.out());
      assertThat(json.string("base_format")).isEqualTo(format);
      perplexities.add(json.number("perplexity"));
    }
    assertThat(perplexities).doesNotHaveDuplicates();
  }

  @Test
  void allWeightsCannotBeTrainedInAnotherFormat() {
    Mft.Run run = train(model, "--base-format", "int8", "--method", "full");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("expected --base-format as-is for --method full", "found int8");
    assertThat(output).doesNotExist();
    run = train(model, "--base-format", "int5");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("int5");
  }

  @Test
  void randomModelsCanBeQuantised() throws IOException {
    for (String type : List.of("int8", "int4")) {
      Path made = dir.resolve(type);
      Mft.Run run =
          Mft.run(
              "init",
              "--config",
              TinyModel.config(dir),
              "--output",
              made,
              "--dtype",
              type,
              "--tokenizer",
              model,
              "--seed",
              7);
      assertThat(run.code()).as(run.err()).isZero();
      JsonObject config = JsonObject.read(made.resolve("config.json"));
      assertThat(config.object("quantization_config").string("base_format")).isEqualTo(type);

      Mft.Run inspected = Mft.run("inspect", made);
      String shown = type.equals("int4") ? "INT4 +\\[16, 48] +416" : "INT8 +\\[16, 48] +800";
      assertThat(inspected.out())
          .containsPattern("transformer.h.0.attn.c_attn.weight +" + shown)
          .containsPattern("transformer.wte.weight +INT8 +\\[300, 16] +5,400")
          .doesNotContain("_scale");
      assertThat(Mft.run("inspect", made.resolve("model.safetensors")).out())
          .containsPattern("transformer.h.0.attn.c_attn.weight +" + shown);

      Mft.Run trained = train(made, "--overwrite-output-dir");
      assertThat(trained.code()).as(trained.err()).isZero();
      assertThat(made.resolve(".mft")).doesNotExist();
      assertThat(train(made, "--method", "full", "--overwrite-output-dir").err())
          .contains("expected floating-point weights for --method full", "--method lora");
      assertThat(train(made, "--base-format", "int8", "--overwrite-output-dir").err())
          .contains("leave --base-format out");

      Path merged = dir.resolve("merged-" + type);
      run = Mft.run("merge", "--model", made, "--adapter", output, "--output", merged);
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(JsonObject.read(merged.resolve("config.json")).has("quantization_config"))
          .isFalse();
      assertThat(Mft.run("inspect", merged).out()).doesNotContain("INT");
    }
  }
}
