package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;

class TokenizeCommandTest {
  @TempDir Path dir;
  private Path model = Path.of("");

  /** A folder with a tokenizer and nothing else. */
  @BeforeEach
  void tokenizer() throws IOException {
    model = dir.resolve("tokenizer");
    ByteTokenizer.write(model);
  }

  private Mft.Run text(String text, Object... more) {
    Object[] args = new Object[5 + more.length];
    System.arraycopy(new Object[] {"tokenize", "--model", model, "--text", text}, 0, args, 0, 5);
    System.arraycopy(more, 0, args, 5, more.length);
    return Mft.run(args);
  }

  @Test
  void aLineForEachToken() {
    Mft.Run run = text("the the\n\u00e9");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .isEqualToNormalizingNewlines(
            """
                 id  from    to  piece  text
                258     0     3  the    "the"
                259     3     7  \u0120the   " the"
                 10     7     8  \u010a      "\\n"
                195     8     9  \u00c3      "\u00e9"
                169     8     9  \u00a9      "\u00e9"
            """);
    assertThat(run.err().strip()).isEqualTo("5 tokens of 9 characters");
  }

  @Test
  void offsetsCountCharacters() throws IOException {
    JsonObject json = JsonObject.parse("out", text("\ud83d\ude42the", "--json").out());
    assertThat(json.integers("ids")).hasSize(5).endsWith(258);
    assertThat(json.list("pieces")).hasSize(5).last().isEqualTo("the");
    assertThat(json.list("offsets"))
        .isEqualTo(
            List.of(
                List.of(0L, 1L),
                List.of(0L, 1L),
                List.of(0L, 1L),
                List.of(0L, 1L),
                List.of(1L, 4L)));
  }

  @Test
  void specialTokensAroundTheTextCanBeLeftOut() throws IOException {
    Path file = model.resolve("tokenizer.json");
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "\"post_processor\": null",
                """
                "post_processor": {"type": "TemplateProcessing", "single": [
                   {"SpecialToken": {"id": "<|endoftext|>"}}, {"Sequence": {"id": "A"}}],
                 "special_tokens": {"<|endoftext|>": {"ids": [256]}}}
                """));
    JsonObject json = JsonObject.parse("out", text("the", "--json").out());
    assertThat(json.integers("ids")).containsExactly(256, 258);
    assertThat(json.list("offsets")).isEqualTo(List.of(List.of(0L, 0L), List.of(0L, 3L)));
    assertThat(text("the").out()).containsPattern("256 +0 +0 +<\\|endoftext\\|>\\R");
    json = JsonObject.parse("out", text("the", "--json", "--no-special-tokens").out());
    assertThat(json.integers("ids")).containsExactly(258);
    assertThat(text("256 258", "--decode").out()).isEqualTo("<|endoftext|>the");
    assertThat(text("256 258", "--decode", "--no-special-tokens").out()).isEqualTo("the");
  }

  @Test
  void decodingWhatWasPrintedIsTheFile() throws IOException {
    String text = "the\r\n\t \ud83d\ude42 <|endoftext|>\u0000 the\n\n";
    Path file = Files.writeString(dir.resolve("text.txt"), text);
    Mft.Run run = Mft.run("tokenize", "--model", model, "--file", file, "--json");
    Path ids = Files.writeString(dir.resolve("ids.json"), run.out());
    assertThat(Mft.run("tokenize", "--model", model, "--file", ids, "--decode").out())
        .isEqualTo(text);
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream(run.out().getBytes(StandardCharsets.UTF_8)));
      assertThat(Mft.run("tokenize", "--model", model, "--decode").out()).isEqualTo(text);
      System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
      assertThat(Mft.run("tokenize", "--model", model, "--json").out()).isEqualTo(run.out());
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void idsAreReadInManyForms() throws IOException {
    assertThat(text("[258, 259]\n", "--decode").out()).isEqualTo("the the");
    JsonObject json = JsonObject.parse("out", text("258 259", "--decode", "--json").out());
    assertThat(json.integers("ids")).containsExactly(258, 259);
    assertThat(json.string("text")).isEqualTo("the the");
    Mft.Run run = text("258 999", "--decode");
    assertThat(run.out()).isEqualTo("the");
    assertThat(run.err()).contains("no piece", "[999]");
  }

  @Test
  void whatIsNotAnIdIsNamed() {
    Mft.Run run = text("258 the", "--decode");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("--text: expected token ids", "found \"the\" after 1");
  }

  @Test
  void whatCannotBeReadIsNamed() throws IOException {
    Path binary = Files.write(dir.resolve("binary"), new byte[] {'a', (byte) 0xff});
    Mft.Run run = Mft.run("tokenize", "--model", model, "--file", binary);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("binary: expected UTF-8 text");
    run = Mft.run("tokenize", "--model", dir, "--text", "x");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("wanted tokenizer.json, or vocab.json and merges.txt");
    run = Mft.run("tokenize", "--model", model, "--text", "x", "--file", binary);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--text", "--file");
  }

  @Test
  void anEmptyTextHasNoTokens() {
    Mft.Run run = text("");
    assertThat(run.code()).isZero();
    assertThat(run.out().lines()).hasSize(1);
    assertThat(run.err()).contains("0 tokens of 0 characters");
  }
}
