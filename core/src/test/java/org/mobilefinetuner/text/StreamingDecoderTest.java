package org.mobilefinetuner.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamingDecoderTest {
  @TempDir Path folder;

  @Test
  void bytesWaitUntilTheirCharacterIsWhole() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(GoldenCase.resource("gpt2"));
    StreamingDecoder decoder = tokenizer.streamingDecoder(false);
    int[] ids = tokenizer.encode("a🙂b");
    assertThat(ids).hasSize(6);
    assertThat(decoder.push(ids[0])).isEqualTo("a");
    assertThat(decoder.push(ids[1])).isEmpty();
    assertThat(decoder.push(ids[2])).isEmpty();
    assertThat(decoder.push(ids[3])).isEmpty();
    assertThat(decoder.push(ids[4])).isEqualTo("🙂");
    assertThat(decoder.push(ids[5])).isEqualTo("b");
    assertThat(decoder.push(ids[1])).isEmpty();
    assertThat(decoder.flush()).as("broken off").isEqualTo("\ufffd");
  }

  @Test
  void bytePiecesComeOutBeforeTheirRunEnds() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(GoldenCase.resource("gemma"));
    int[] ids = tokenizer.encode("漢漢");
    assertThat(ids).hasSize(6);
    StreamingDecoder decoder = tokenizer.streamingDecoder(false);
    assertThat(decoder.push(ids[0]) + decoder.push(ids[1])).isEmpty();
    assertThat(decoder.push(ids[2])).isEqualTo("漢");
    assertThat(decoder.push(ids[3]) + decoder.push(ids[4])).isEmpty();
    assertThat(decoder.flush()).isEqualTo("\ufffd\ufffd");
    assertThat(tokenizer.decode(new int[] {ids[0], ids[1], ids[2], ids[3], ids[4]}))
        .as("the reference spoils all of the run")
        .isEqualTo("\ufffd".repeat(5));
  }

  @Test
  void theSpaceInFrontIsLeftOutOnlyOnce() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(GoldenCase.resource("llama"));
    StreamingDecoder decoder = tokenizer.streamingDecoder(true);
    StringBuilder text = new StringBuilder();
    for (int id : tokenizer.encode("the train", true)) {
      text.append(decoder.push(id)).append('|');
    }
    assertThat(text.append(decoder.flush()).toString().replace("|", "")).isEqualTo("the train");
    assertThat(text.toString()).startsWith("|").doesNotContain("| the");
  }

  /** Any ids at all, not only those of a text, and those that have no piece. */
  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen2"})
  void equalsDecodingForAnyIds(String name) throws IOException {
    Tokenizer tokenizer = Tokenizer.load(GoldenCase.resource(name));
    Random random = new Random(9);
    for (int i = 0; i < 3000; i++) {
      int[] ids = random.ints(1 + random.nextInt(12), 0, tokenizer.vocabularySize() + 5).toArray();
      assertThat(GoldenCase.streamed(tokenizer, ids)).isEqualTo(tokenizer.decode(ids));
    }
  }

  @Test
  void whatCannotBeDoneInPartsWaitsForTheEnd() throws IOException {
    String json =
        """
        {"model": {"vocab": {"a": 0, "b": 1, " ": 2}, "merges": []},
         "decoder": {"type": "Sequence", "decoders": [{"type": "Fuse"},
           {"type": "Replace", "pattern": {"String": "ab"}, "content": "X"},
           {"type": "Strip", "content": " ", "start": 1, "stop": 2}]}}
        """;
    Tokenizer tokenizer = GoldenCase.load(folder, json);
    assertThat(tokenizer.decode(new int[] {2, 2, 0, 1, 1, 2, 2, 2})).isEqualTo(" Xb ");
    StreamingDecoder decoder = tokenizer.streamingDecoder(false);
    assertThat(decoder.push(2) + decoder.push(0) + decoder.push(1)).isEmpty();
    assertThat(decoder.flush()).isEqualTo("X");
  }
}
