package org.mobilefinetuner.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.JsonRecords;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.ops.LinearCrossEntropy;
import org.mobilefinetuner.text.AssistantTurns.Boundary;
import org.mobilefinetuner.text.ChatTemplate;
import org.mobilefinetuner.text.Tokenizer;

/**
 * The tokens that are learned of conversations, against those of TRL's training templates; {@code
 * masks.jsonl} is written by tools/golden/masks/generate.py.
 */
class TrlMasksTest {
  @TempDir Path folder;

  private static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(TrlMasksTest.class.getResource(name)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static List<JsonObject> goldens() throws IOException {
    List<JsonObject> lines = new ArrayList<>();
    JsonRecords.read(resource("/data/masks.jsonl"), lines::add);
    assertThat(lines).hasSize(12);
    return lines;
  }

  private static Tokenizer tokenizer(JsonObject golden) throws IOException {
    return Tokenizer.load(resource("/text/" + golden.string("tokenizer")));
  }

  private Sequence example(JsonObject golden, Boundary boundary) throws IOException {
    Map<String, String> tokens = new LinkedHashMap<>();
    JsonObject named = golden.object("tokens");
    for (String key : named.keys()) {
      tokens.put(key, named.string(key));
    }
    ChatTemplate template =
        ChatTemplate.of("golden", golden.string("template"), tokens, Clock.systemUTC());
    DataSettings usual = DataSettings.of(4096);
    DataSettings settings = new DataSettings(null, 4096, true, boundary, usual.scratch(), 100);
    Path file = folder.resolve("chat.jsonl");
    Files.writeString(file, JsonObject.empty().put("messages", golden.list("messages")) + "\n");
    DataReader reader = new DataReader(tokenizer(golden), 1000, template, settings);
    try (DataSet set = reader.read(file)) {
      return set.examples().get(0);
    }
  }

  private static boolean[] learned(Sequence example) {
    boolean[] learned = new boolean[example.ids().length];
    for (int t = 0; t < learned.length; t++) {
      learned[t] = example.labels()[t] != LinearCrossEntropy.IGNORE;
    }
    return learned;
  }

  /** Of Qwen2.5, TRL also teaches the line break between the header and the answer. */
  private static boolean[] expected(JsonObject golden, Tokenizer tokenizer) throws IOException {
    int[] mask = golden.integers("mask");
    boolean qwen = golden.string("trl").startsWith("qwen2_5");
    boolean[] learned = new boolean[mask.length];
    for (int t = 0; t < mask.length; t++) {
      boolean headerBreak = qwen && mask[t] == 1 && mask[t - 1] == 0;
      if (headerBreak) {
        assertThat(tokenizer.decode(new int[] {golden.integers("ids")[t]})).isEqualTo("\n");
      }
      learned[t] = mask[t] == 1 && !headerBreak;
    }
    return learned;
  }

  @Test
  void theMaskIsThatOfTrl() throws IOException {
    for (JsonObject golden : goldens()) {
      Sequence example = example(golden, Boundary.TRL);
      assertThat(example.ids()).as(golden + "").isEqualTo(golden.integers("ids"));
      assertThat(learned(example)).as(golden + "").isEqualTo(expected(golden, tokenizer(golden)));
    }
  }

  /** The end token is still learned, the line break behind it is not. */
  @Test
  void theUsualMaskLeavesOutTheSpaceBehindTheEnd() throws IOException {
    for (JsonObject golden : goldens()) {
      Tokenizer tokenizer = tokenizer(golden);
      boolean[] trl = expected(golden, tokenizer);
      Sequence example = example(golden, Boundary.CONTENT);
      for (int t = 0; t < trl.length; t++) {
        boolean last = trl[t] && (t + 1 == trl.length || !trl[t + 1]);
        assertThat(learned(example)[t]).as("%s, token %s", golden, t).isEqualTo(trl[t] && !last);
        if (last) {
          assertThat(tokenizer.decode(new int[] {example.ids()[t]})).isEqualTo("\n");
          assertThat(tokenizer.decode(new int[] {example.ids()[t - 1]}))
              .isIn("<|im_end|>", "<end_of_turn>");
        }
      }
    }
  }
}
