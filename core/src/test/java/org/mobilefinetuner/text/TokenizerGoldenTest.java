package org.mobilefinetuner.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.io.JsonObject;

/**
 * The ids, offsets and texts of the reference, for random strings from all over Unicode. The files
 * are written by tools/golden/tokenizers/fixtures.py.
 */
class TokenizerGoldenTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen2", "gemma", "llama"})
  void equalsTheReference(String name) throws IOException {
    Tokenizer tokenizer = Tokenizer.load(GoldenCase.resource(name));
    List<GoldenCase> cases = GoldenCase.readLines(GoldenCase.resource(name + "/golden.jsonl"));
    assertThat(cases).hasSizeGreaterThanOrEqualTo(50);
    for (GoldenCase each : cases) {
      each.check(tokenizer);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen2", "gemma", "llama"})
  void decodesAnyIdsLikeTheReference(String name) throws IOException {
    Tokenizer tokenizer = Tokenizer.load(GoldenCase.resource(name));
    for (JsonObject line : GoldenCase.jsonLines(GoldenCase.resource(name + "/decodings.jsonl"))) {
      int[] ids = GoldenCase.ints(GoldenCase.longs(line, "ids"));
      assertThat(tokenizer.decode(ids)).as("%s", line).isEqualTo(line.string("decoded"));
    }
  }

  @Test
  void vocabularyAndMergesAreTheSameTokenizer() throws IOException {
    List<GoldenCase> cases = GoldenCase.readLines(GoldenCase.resource("gpt2/golden.jsonl"));
    checkPlain(Tokenizer.load(GoldenCase.resource("gpt2-files")), cases);
  }

  @Test
  void qwenIsKnownByItsClassAndByItsModelType() throws IOException {
    copyFiles("qwen2-files");
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"qwen2\"}");
    List<GoldenCase> cases = GoldenCase.readLines(GoldenCase.resource("qwen2/golden.jsonl"));
    checkPlain(Tokenizer.load(folder), cases);
    Files.delete(folder.resolve("config.json"));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"tokenizer_class\": \"Qwen2TokenizerFast\", \"model_max_length\": 1"
            + "0".repeat(30)
            + "}");
    checkPlain(Tokenizer.load(folder), cases);
  }

  /** Checks the cases without added tokens, which vocabulary files do not have. */
  private static void checkPlain(Tokenizer tokenizer, List<GoldenCase> cases) {
    int checked = 0;
    for (GoldenCase each : cases) {
      if (!each.text().contains("<|")) {
        each.check(tokenizer);
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(50);
  }

  @Test
  void smallFilesAddSpecialTokens() throws IOException {
    copyFiles("gpt2-files");
    Files.writeString(folder.resolve("added_tokens.json"), "{\"<eot>\": 400, \"ing\": 402}");
    Files.writeString(
        folder.resolve("special_tokens_map.json"),
        "{\"eos_token\": {\"content\": \"<eot>\"}, \"additional_special_tokens\": [\"<eot>\"]}");
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"tokenizer_class": "GPT2Tokenizer", "add_bos_token": true, "bos_token": "!",
         "added_tokens_decoder": {"401": {"content": "<pad>", "lstrip": true, "special": true}},
         "pad_token": "<pad>"}
        """);
    Tokenizer tokenizer = Tokenizer.load(folder);
    assertThat(tokenizer.eosId()).hasValue(400);
    assertThat(tokenizer.padId()).hasValue(401);
    assertThat(tokenizer.bosId()).hasValue(0);
    assertThat(tokenizer.vocabularySize()).isEqualTo(403);
    assertThat(tokenizer.encode("!  <pad><eot>ing")).containsExactly(0, 401, 400, 402);
    assertThat(tokenizer.encode("<eot>", true)).containsExactly(0, 400);
    assertThat(tokenizer.decode(new int[] {0, 401, 400, 402}, true)).isEqualTo("ing");
    assertThat(tokenizer.isSpecial(400)).isTrue();
    assertThat(tokenizer.isSpecial(402)).isFalse();
  }

  private void copyFiles(String from) throws IOException {
    for (String name : List.of("vocab.json", "merges.txt")) {
      Files.copy(GoldenCase.resource(from + "/" + name), folder.resolve(name));
    }
  }

  /** A small tokenizer with some construct, and its cases. */
  private record Construct(String name, String tokenizer, List<GoldenCase> cases) {}

  @TestFactory
  Stream<DynamicTest> constructsEqualTheReference() throws IOException {
    List<Construct> constructs = readConstructs();
    assertThat(constructs).hasSizeGreaterThan(20);
    return constructs.stream().map(each -> DynamicTest.dynamicTest(each.name(), () -> check(each)));
  }

  private void check(Construct construct) throws IOException {
    Tokenizer tokenizer = GoldenCase.load(folder, construct.tokenizer());
    for (GoldenCase each : construct.cases()) {
      each.check(tokenizer);
    }
  }

  private static List<Construct> readConstructs() throws IOException {
    List<Construct> constructs = new ArrayList<>();
    Path file = GoldenCase.resource("constructs.jsonl");
    for (JsonObject line : GoldenCase.jsonLines(file)) {
      List<GoldenCase> cases = new ArrayList<>();
      for (JsonObject each : line.objects("cases")) {
        cases.add(GoldenCase.of(each));
      }
      constructs.add(new Construct(line.string("name"), line.object("tokenizer") + "", cases));
    }
    return constructs;
  }
}
