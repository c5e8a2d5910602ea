package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;

class GenerateCommandTest {
  @TempDir Path dir;

  /**
   * What PyTorch's greedy decoding has found, from golden.json: a prompt of 6 tokens and 14 more.
   */
  private static List<String> greedy() throws IOException {
    return JsonObject.read(Mft.GOLDEN.resolve("golden.json"))
        .list("greedy_from_first_6_of_row_0")
        .stream()
        .map(String::valueOf)
        .toList();
  }

  private static String prompt() throws IOException {
    return String.join(",", greedy().subList(0, 6));
  }

  @Test
  void greedyTokensOfTheReference() throws IOException {
    for (String how : List.of("--greedy", "--temperature=0", "--top-k=1")) {
      Mft.Run run =
          Mft.run(
              "generate",
              "--model",
              Mft.GOLDEN,
              "--prompt-ids",
              prompt(),
              how,
              "--max-new-tokens=14");
      assertThat(run.out().strip()).as(how).isEqualTo(String.join(" ", greedy().subList(6, 20)));
      assertThat(run.err()).contains("14 tokens", "tokens/s", "stopped at --max-new-tokens");
    }
  }

  @Test
  void json() throws IOException {
    Mft.Run run =
        Mft.run(
            "generate",
            "--model",
            Mft.GOLDEN,
            "--prompt-ids",
            prompt(),
            "--greedy",
            "--max-new-tokens=14",
            "--json");
    JsonObject json = JsonObject.parse("out", run.out());
    assertThat(json.integers("prompt_ids")).hasSize(6);
    assertThat(json.list("ids").stream().map(String::valueOf).collect(Collectors.toList()))
        .isEqualTo(greedy().subList(6, 20));
    assertThat(json.string("end")).isEqualTo("length");
  }

  @Test
  void seedDecides() {
    List<String> texts =
        List.of("1", "1", "2").stream()
            .map(
                seed ->
                    Mft.run(
                            "generate",
                            "--model",
                            Mft.GOLDEN,
                            "--prompt-ids=8,10",
                            "--seed",
                            seed,
                            "--temperature=2",
                            "--top-k=0",
                            "--top-p=1",
                            "--max-new-tokens=20")
                        .out())
            .toList();
    assertThat(texts.get(0)).isEqualTo(texts.get(1)).isNotEqualTo(texts.get(2));
  }

  @Test
  void adapterIsUsed() throws IOException {
    Mft.Run run =
        Mft.run(
            "generate",
            "--model",
            Mft.GOLDEN,
            "--adapter",
            Mft.GOLDEN.resolve("adapter"),
            "--prompt-ids",
            prompt(),
            "--greedy",
            "--max-new-tokens=14");
    assertThat(run.code()).isZero();
    assertThat(run.out().strip()).isNotEqualTo(String.join(" ", greedy().subList(6, 20)));
  }

  @Test
  void endsAtAnEndToken() throws IOException {
    Path model = TinyModel.golden(dir);
    String first = greedy().get(6);
    java.nio.file.Files.writeString(
        model.resolve("generation_config.json"), "{\"eos_token_id\": [99, " + first + "]}");
    Mft.Run run =
        Mft.run("generate", "--model", model, "--prompt-ids", prompt(), "--greedy", "--json");
    JsonObject json = JsonObject.parse("out", run.out());
    assertThat(json.string("end")).isEqualTo("eos");
    assertThat(json.list("ids")).isEmpty();
  }

  @Test
  void endsAtTheLastPosition() throws IOException {
    Mft.Run run =
        Mft.run(
            "generate",
            "--model",
            Mft.GOLDEN,
            "--prompt-ids",
            prompt(),
            "--greedy",
            "--max-new-tokens=1000");
    assertThat(run.out().strip().split(" ")).hasSize(24 - 6);
    assertThat(run.err()).contains("24 positions");
  }

  @Test
  void textComesOutAsText() throws IOException {
    Path model = TinyModel.make(dir, true);
    Mft.Run run =
        Mft.run(
            "generate",
            "--model",
            model,
            "--prompt",
            "the thé",
            "--max-new-tokens=12",
            "--top-k=0",
            "--json");
    assertThat(run.code()).as(run.err()).isZero();
    JsonObject json = JsonObject.parse("out", run.out());
    assertThat(json.integers("prompt_ids")).containsExactly(258, 32, 257, 0xc3, 0xa9);
    Mft.Run streamed =
        Mft.run(
            "generate",
            "--model",
            model,
            "--prompt",
            "the thé",
            "--max-new-tokens=12",
            "--top-k=0");
    assertThat(streamed.out()).isEqualTo(json.string("text") + System.lineSeparator());
  }

  @Test
  void badInput() throws IOException {
    Mft.Run run = Mft.run("generate", "--model", Mft.GOLDEN, "--prompt", "text");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("expected a tokenizer", "--prompt-ids");

    run = Mft.run("generate", "--model", Mft.GOLDEN);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--prompt=TEXT | --prompt-ids");

    for (String ids : List.of("1,2,61", "1,,2", "-4", "x")) {
      run = Mft.run("generate", "--model", Mft.GOLDEN, "--prompt-ids=" + ids);
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err()).contains("from 0 to 60");
    }
    String tooLong = "1,".repeat(23) + "1";
    run = Mft.run("generate", "--model", Mft.GOLDEN, "--prompt-ids", tooLong);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("1 to 23 tokens", "24 positions", "found 24");

    for (String wrong :
        List.of(
            "--temperature=-1",
            "--top-p=0",
            "--top-k=-1",
            "--max-new-tokens=0",
            "--repetition-penalty=0")) {
      run = Mft.run("generate", "--model", Mft.GOLDEN, "--prompt-ids=1", wrong);
      assertThat(run.code()).as(wrong).isEqualTo(2);
    }
    run = Mft.run("generate", "--model", TinyModel.make(dir, true), "--prompt", "");
    assertThat(run.code()).isEqualTo(2);
  }

  @Test
  void notANumberIsNamed() throws IOException {
    Path model = TinyModel.golden(dir);
    TinyModel.poke(model, "transformer.h.0.mlp.c_proj.weight", Float.NaN);
    Mft.Run run = Mft.run("generate", "--model", model, "--prompt-ids", prompt());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("transformer.h.0.mlp.c_proj.weight", "found NaN");
  }
}
