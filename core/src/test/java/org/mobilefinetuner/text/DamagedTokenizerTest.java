package org.mobilefinetuner.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the bytes of a tokenizer file, loading it works or ends in an IOException. */
class DamagedTokenizerTest {
  private static final String[] VALUES = {
    "null",
    "true",
    "{}",
    "[]",
    "\"x\"",
    "-1",
    "9".repeat(40),
    "1e400",
    "4194303",
    "[[\"a\"]]",
    "{\"type\":\"Sequence\"}",
    "[".repeat(2000),
    "{\"a\":".repeat(2000),
    "\"\\ud800\""
  };

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen2", "gemma", "llama-first", "llama3"})
  void loadsOrComplains(String name) throws IOException {
    byte[] whole = Files.readAllBytes(GoldenCase.resource(name + "/tokenizer.json"));
    Random random = new Random(name.hashCode());
    Path file = folder.resolve("tokenizer.json");
    int refused = 0;
    for (int i = 0; i < 400; i++) {
      byte[] damaged = damage(whole, random);
      Files.write(file, damaged);
      Tokenizer tokenizer;
      try {
        tokenizer = Tokenizer.load(folder);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("tokenizer.json");
        refused++;
        continue;
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError(
            "round " + i + ": " + new String(damaged, StandardCharsets.UTF_8), e);
      }
      try {
        tokenizer.decode(tokenizer.encode("the harbour <s> 漢🙂\u0000", true));
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("unk_token");
      }
    }
    assertThat(refused).isBetween(100, 400);
  }

  private static byte[] damage(byte[] whole, Random random) {
    switch (random.nextInt(4)) {
      case 0 -> {
        return Arrays.copyOf(whole, random.nextInt(whole.length));
      }
      case 1 -> {
        byte[] bytes = whole.clone();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
      }
      default -> {
        return replaceValue(whole, random);
      }
    }
  }

  /** Puts another value behind a colon; half of the time one outside the long vocabulary. */
  private static byte[] replaceValue(byte[] whole, Random random) {
    String text = new String(whole, StandardCharsets.UTF_8);
    int at = random.nextInt(text.length());
    if (random.nextBoolean()) {
      int vocabulary = text.indexOf("\"vocab\"");
      at = random.nextInt(vocabulary);
    }
    int colon = text.indexOf("\":", at);
    if (colon < 0) {
      return new byte[] {'{'};
    }
    int end = colon + 2;
    int depth = 0;
    for (; end < text.length(); end++) {
      char c = text.charAt(end);
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      if (depth < 0 || (depth == 0 && c == ',')) {
        break;
      }
    }
    String value = VALUES[random.nextInt(VALUES.length)];
    return (text.substring(0, colon + 2) + value + text.substring(end))
        .getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({"(, ), 100000", "(?:a|, ), 3000", "[, ], 2000", "a, '', 1000000"})
  void regexThatWouldEndTheStack(String open, String close, int times) {
    String json =
        "{\"model\": {\"vocab\": {}}, \"pre_tokenizer\": {\"type\": \"Split\", \"behavior\":"
            + " \"Isolated\", \"pattern\": {\"Regex\": \""
            + open.repeat(times)
            + close.repeat(times)
            + "\"}}}";
    assertThatThrownBy(() -> GoldenCase.load(folder, json))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Regex that is not supported");
  }

  @Test
  void listsWhereThereMustBeAValue() {
    assertThatThrownBy(
            () -> GoldenCase.load(folder, "{\"model\": {\"vocab\": {}, \"fuse_unk\": [true]}}"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model.fuse_unk is a list or an object");
  }
}
