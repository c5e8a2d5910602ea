package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;

class InspectCommandTest {
  @TempDir Path dir;

  @Test
  void model() throws IOException {
    Mft.Run run = Mft.run("inspect", Mft.GOLDEN);
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("gpt2", "parameters: 28,192", "positions: 24", "blocks: 2")
        .containsPattern("transformer.h.0.attn.c_attn.weight +F32 +\\[32, 96] +12,288")
        .contains("28 tensors, 28,192 values, 112,768 bytes");
  }

  @Test
  void modelAsJson() throws IOException {
    JsonObject json = JsonObject.parse("out", Mft.run("inspect", Mft.GOLDEN, "--json").out());
    assertThat(json.string("kind")).isEqualTo("model");
    assertThat(json.integer("parameters")).isEqualTo(28_192);
    assertThat(json.integers("end_tokens")).containsExactly(2);
    assertThat(json.list("tensors")).hasSize(28);
    JsonObject first = (JsonObject) json.list("tensors").get(0);
    assertThat(first.keys()).containsExactly("name", "dtype", "shape", "bytes");
  }

  @Test
  void tokenizerIsCounted() throws IOException {
    JsonObject json =
        JsonObject.parse("out", Mft.run("inspect", TinyModel.make(dir, true), "--json").out());
    assertThat(json.integer("tokenizer_tokens")).isEqualTo(ByteTokenizer.TOKENS);
  }

  @Test
  void tokenizerOfAnotherModelIsReported() throws IOException {
    Path model = TinyModel.golden(dir);
    ByteTokenizer.write(model);
    Mft.Run run = Mft.run("inspect", model);
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("at most 61 tokens", "found 260", "28 tensors");
  }

  @Test
  void adapter() throws IOException {
    JsonObject json =
        JsonObject.parse("out", Mft.run("inspect", Mft.GOLDEN.resolve("adapter"), "--json").out());
    assertThat(json.string("kind")).isEqualTo("adapter");
    assertThat(json.integer("r")).isEqualTo(4);
    assertThat(json.integer("tensor_values")).isEqualTo(4096);
  }

  @Test
  void file() {
    Mft.Run run = Mft.run("inspect", Mft.GOLDEN.resolve("golden_lora.safetensors"));
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("safetensors file", "logits", "grad.");
  }

  @Test
  void ggufFile() throws IOException {
    Path file = dir.resolve("m.gguf");
    Path model = TinyModel.make(dir, true);
    assertThat(Mft.run("export", "--model", model, "--format", "gguf", "-o", file).code()).isZero();
    Mft.Run run = Mft.run("inspect", file);
    assertThat(run.out())
        .contains("GGUF file", "general.architecture: gpt2", "tokenizer.ggml.tokens: list of")
        .containsPattern("blk.0.attn_qkv.weight +F16 +\\[48, 16] +1,536");
  }

  @Test
  void unsupportedModelIsStillShown() throws IOException {
    Path model = TinyModel.golden(dir);
    Files.writeString(model.resolve("config.json"), "{\"model_type\": \"rwkv\"}");
    Mft.Run run = Mft.run("inspect", model);
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("unsupported", "rwkv", "transformer.wte.weight");
  }

  @Test
  void truncatedFile() throws IOException {
    Path model = TinyModel.golden(dir);
    TinyModel.truncate(model.resolve("model.safetensors"), 50_000);
    Mft.Run run = Mft.run("inspect", model);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("truncated");
    TinyModel.truncate(model.resolve("model.safetensors"), 5);
    assertThat(Mft.run("inspect", model.resolve("model.safetensors")).err())
        .contains("end of the file");
  }

  @Test
  void folderOfSomethingElse() {
    Mft.Run run = Mft.run("inspect", dir);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("config.json or adapter_config.json", dir.toString());
  }
}
