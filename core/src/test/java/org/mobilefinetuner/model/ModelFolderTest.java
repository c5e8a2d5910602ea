package org.mobilefinetuner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;

class ModelFolderTest {
  private static final String CONFIG =
      "{\"model_type\": \"gpt2\", \"vocab_size\": 11, \"n_positions\": 8, \"n_embd\": 4,"
          + " \"n_layer\": 1, \"n_head\": 2, \"eos_token_id\": 3, \"strange\": {\"a\": [1, null]}}";

  @TempDir Path dir;
  private Path folder = Path.of("");

  @BeforeEach
  void make() throws IOException {
    folder = dir.resolve("model");
    write(folder, CONFIG, 1);
  }

  private static void write(Path to, String config, int threads) throws IOException {
    JsonObject json = JsonObject.parse("test", config);
    try (Parallel team = new Parallel(threads)) {
      RandomWeights random = new RandomWeights(5, team);
      ModelWriter.write(to, Models.of(json), json, Format.F32, random::of, null);
    }
  }

  @Test
  void opens() throws IOException {
    try (ModelFolder opened = ModelFolder.open(folder)) {
      assertThat(opened.model().vocabulary()).isEqualTo(11);
      assertThat(opened.format()).isEqualTo(Format.F32);
      assertThat(opened.eos()).containsExactly(3);
      assertThat(opened.tokenizer()).isNull();
      assertThat(opened.frozen().parameters()).isEmpty();
      assertThat(opened.trainable().parameters()).hasSize(opened.model().weights().size());
      assertThat(ModelFolder.sites(opened.model()))
          .startsWith(new Site("transformer.h.0.attn.c_attn", 4, 12, Layout.IN_OUT))
          .hasSize(4);
    }
  }

  @Test
  void endTokensOfTheGenerationConfigComeFirst() throws IOException {
    Path file = folder.resolve("generation_config.json");
    Files.writeString(file, "{\"eos_token_id\": [1, 106]}");
    assertThat(ModelFolder.open(folder).eos()).containsExactly(1, 106);
    Files.writeString(file, "{\"eos_token_id\": 7}");
    assertThat(ModelFolder.open(folder).eos()).containsExactly(7);
    Files.writeString(file, "{}");
    assertThat(ModelFolder.open(folder).eos()).containsExactly(3);
    Files.writeString(file, "{\"eos_token_id\": \"end\"}");
    assertThatThrownBy(() -> ModelFolder.open(folder)).hasMessageContaining("eos_token_id");
  }

  @Test
  void writesWhatWasTrained() throws IOException {
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": 7}");
    Path copy = dir.resolve("copy");
    Files.createDirectories(copy);
    Files.writeString(copy.resolve("metrics.jsonl"), "{}");
    try (ModelFolder opened = ModelFolder.open(folder)) {
      LoadedWeights weights = opened.trainable();
      Tensor table = (Tensor) weights.get("transformer.wpe.weight").value();
      table.data()[5] = 1.5f;
      opened.write(copy, weights, Format.BF16);
    }
    try (ModelFolder again = ModelFolder.open(copy)) {
      assertThat(again.format()).isEqualTo(Format.BF16);
      assertThat(again.eos()).containsExactly(7);
      assertThat(((Tensor) again.trainable().get("transformer.wpe.weight").value()).data()[5])
          .isEqualTo(1.5f);
      JsonObject config = again.config();
      assertThat(config.object("strange").list("a")).hasSize(2);
      assertThat(config.string("torch_dtype")).isEqualTo("bfloat16");
      assertThat(config.bool("tie_word_embeddings", false)).isTrue();
      assertThat(config.has("transformers_version")).isTrue();
      assertThat(config.list("architectures").get(0)).isEqualTo("GPT2LMHeadModel");
    }
    assertThat(copy.resolve("metrics.jsonl")).exists();
  }

  @Test
  void typeIsNamedAsTheConfigNamesIt() throws IOException {
    Path to = dir.resolve("v5");
    write(to, CONFIG.replace("\"strange\"", "\"dtype\": \"bfloat16\", \"strange\""), 1);
    JsonObject config = ModelFolder.config(to);
    assertThat(config.string("dtype")).isEqualTo("float32");
    assertThat(config.has("torch_dtype")).isFalse();
  }

  @Test
  void untiedHeadIsWritten() throws IOException {
    Path to = dir.resolve("untied");
    write(to, CONFIG.replace("\"strange\"", "\"tie_word_embeddings\": false, \"strange\""), 1);
    try (ModelFolder opened = ModelFolder.open(to)) {
      assertThat(opened.source().names()).contains("lm_head.weight");
      assertThat(opened.config().bool("tie_word_embeddings", true)).isFalse();
    }
  }

  @Test
  void randomWeightsDoNotDependOnThreads() throws IOException {
    String large = CONFIG.replace("\"vocab_size\": 11", "\"vocab_size\": 300000");
    write(dir.resolve("one"), large, 1);
    write(dir.resolve("three"), large, 3);
    assertThat(dir.resolve("one/model.safetensors"))
        .hasSameBinaryContentAs(dir.resolve("three/model.safetensors"));
  }

  @Test
  void notFiniteIsNamed() throws IOException {
    try (ModelFolder opened = ModelFolder.open(folder)) {
      LoadedWeights weights = opened.trainable();
      ModelFolder.requireFinite(weights);
      ((Tensor) weights.get("transformer.h.0.mlp.c_fc.weight").value()).data()[17] = Float.NaN;
      assertThatThrownBy(() -> ModelFolder.requireFinite(weights))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("transformer.h.0.mlp.c_fc.weight")
          .hasMessageContaining("row 1, column 1");
    }
  }

  @Test
  void foldersThatAreNone() throws IOException {
    assertThatThrownBy(() -> ModelFolder.open(dir.resolve("none")))
        .hasMessageContaining("expected a model folder, found nothing at");
    assertThatThrownBy(() -> ModelFolder.open(folder.resolve("config.json")))
        .hasMessageContaining("found a file");
    assertThatThrownBy(() -> ModelFolder.open(dir)).hasMessageContaining("found none in " + dir);
    Files.writeString(dir.resolve("adapter_config.json"), "{}");
    assertThatThrownBy(() -> ModelFolder.open(dir)).hasMessageContaining("found an adapter");
    Files.delete(folder.resolve("model.safetensors"));
    assertThatThrownBy(() -> ModelFolder.open(folder))
        .hasMessageContaining("expected model.safetensors");
  }

  @Test
  void vocabularyLargerThanTheEmbedding() throws IOException {
    Files.writeString(
        folder.resolve("vocab.json"),
        "{" + String.join(",", List.of("\"a\": 0", "\"b\": 1", "\"c\": 11")) + "}");
    Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\n");
    try (ModelFolder opened = ModelFolder.open(folder)) {
      assertThatThrownBy(opened::tokenizer)
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("at most 11 tokens")
          .hasMessageContaining("found 12");
    }
  }
}
