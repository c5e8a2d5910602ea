package org.mobilefinetuner.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.io.JsonObject;

/** The real vocabularies, against the golden encodings that lie beside the project, if they do. */
class TokenizerSharedDataTest {
  @TempDir Path folder;

  private static Path shared(String name) {
    Path root = Path.of("").toAbsolutePath();
    while (root != null && !Files.isDirectory(root.resolve("core"))) {
      root = root.getParent();
    }
    Path file = root == null ? Path.of(name) : root.resolve("../shared/data").resolve(name);
    assumeTrue(Files.exists(file), () -> "../shared/data/" + name + " is not there");
    return file;
  }

  private Path gpt2(boolean json) throws IOException {
    String[] files =
        json ? new String[] {"tokenizer.json"} : new String[] {"vocab.json", "merges.txt"};
    for (String name : files) {
      Files.copy(shared("tokenizers/gpt2/" + name), folder.resolve(name));
    }
    return folder;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void gpt2EqualsTheReference(boolean json) throws IOException {
    Tokenizer tokenizer = Tokenizer.load(gpt2(json));
    assertThat(tokenizer.vocabularySize()).isEqualTo(50257);
    int checked = 0;
    for (JsonObject line : GoldenCase.jsonLines(shared("golden-encodings/hf/gpt2.jsonl"))) {
      List<Long> ids = GoldenCase.longs(line, "ids");
      List<Long> special = GoldenCase.longs(line, "ids_with_special");
      String skipped = line.string("decoded_skip_special");
      new GoldenCase(line.string("text"), ids, null, special, line.string("decoded"), skipped)
          .check(tokenizer);
      checked++;
    }
    assertThat(checked).isEqualTo(50);
  }

  @Test
  void gpt2EncodesWholeFilesLikeTheReference() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(gpt2(true));
    JsonObject files =
        JsonObject.read(shared("golden-encodings/hf/gpt2.files.json")).object("files");
    for (String name : files.keys()) {
      String text =
          name.startsWith("\"")
              ? joined("wikitext-2/raw/wiki.test.raw")
              : Files.readString(shared(name));
      int[] ids = tokenizer.encode(text);
      assertThat(ids).as(name).hasSize(files.object(name).integer("tokens", 0));
      assertThat(sha256(ids)).isEqualTo(files.object(name).string("sha256_of_int32le_ids"));
      assertThat(tokenizer.decode(ids).equals(text)).as("%s decoded", name).isTrue();
    }
  }

  /** The lines of a file as the evaluation of perplexity joins them. */
  private static String joined(String name) throws IOException {
    String text = Files.readString(shared(name));
    List<String> lines = new ArrayList<>();
    for (String line : text.substring(0, text.lastIndexOf('\n')).split("\n", -1)) {
      lines.add(line.isBlank() ? "" : line + "\n");
    }
    return String.join("\n\n", lines);
  }

  private static String sha256(int[] ids) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(ids);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt-2", "qwen2"})
  void equalsLlamaCpp(String name) throws IOException {
    Tokenizer tokenizer =
        Tokenizer.load(name.equals("qwen2") ? shared("tokenizers/qwen2") : gpt2(false));
    String base = "golden-encodings/llama.cpp/ggml-vocab-" + name + ".gguf";
    String[] texts = Files.readString(shared(base + ".inp")).split("\n__ggml_vocab_test__\n", -1);
    List<String> lines = Files.readAllLines(shared(base + ".out"));
    assertThat(texts).hasSizeGreaterThan(40);
    for (int i = 0; i < texts.length; i++) {
      List<Integer> ids = new ArrayList<>();
      for (String id : i < lines.size() ? lines.get(i).trim().split(" ") : new String[0]) {
        if (!id.isEmpty()) {
          ids.add(Integer.parseInt(id));
        }
      }
      int[] found = tokenizer.encode(texts[i]);
      assertThat(found).as(texts[i]).containsExactly(ids.stream().mapToInt(n -> n).toArray());
      assertThat(tokenizer.decode(found)).isEqualTo(texts[i]);
    }
  }

  @Test
  void qwenReadsItsChatTokens() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(shared("tokenizers/qwen2"));
    assertThat(tokenizer.encode("<|im_start|>user\n")).containsExactly(151644, 872, 198);
    assertThat(tokenizer.eosId()).hasValue(151645);
    assertThat(tokenizer.padId()).hasValue(151643);
    assertThat(tokenizer.vocabularySize()).isEqualTo(151646);
  }

  @Test
  void storiesEqualTheReference() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(shared("weights/stories260K/hf"));
    JsonObject golden = JsonObject.read(shared("weights/stories260K/hf/golden.json"));
    List<JsonObject> texts = golden.objects("texts");
    assertThat(texts).hasSize(20);
    for (JsonObject each : texts) {
      int[] ids = GoldenCase.ints(GoldenCase.longs(each, "ids"));
      int[] found = tokenizer.encode(each.string("text"), true);
      assertThat(found).startsWith(ids); // the golden file holds the first 256
      assertThat(tokenizer.decode(found, true)).isEqualTo(each.string("text"));
    }
    int[] greedy = GoldenCase.ints(GoldenCase.longs(golden, "greedy_ids_from_bos_200"));
    assertThat(tokenizer.decode(greedy, true)).isEqualTo(golden.string("greedy_text"));
  }
}
