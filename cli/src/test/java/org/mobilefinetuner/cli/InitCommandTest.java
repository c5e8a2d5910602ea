package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;

class InitCommandTest {
  @TempDir Path dir;

  @Test
  void weightsAreNormalAroundTheirMeans() throws IOException {
    try (ModelFolder folder = ModelFolder.open(TinyModel.make(dir, false))) {
      LoadedWeights weights = folder.trainable();
      Tensor table = (Tensor) weights.get("transformer.wte.weight").value();
      double sum = 0;
      double squares = 0;
      for (float value : table.data()) {
        sum += value;
        squares += value * value;
      }
      assertThat(sum / table.size()).isCloseTo(0, within(1e-3));
      assertThat(Math.sqrt(squares / table.size())).isCloseTo(0.02, within(6e-4));
      assertThat(weights.get("transformer.ln_f.weight").vector().data()).containsOnly(1f);
      assertThat(weights.get("transformer.h.0.mlp.c_fc.bias").vector().data()).containsOnly(0f);
      assertThat(weights.get("transformer.wpe.weight").value().rows()).isEqualTo(40);
    }
  }

  @Test
  void seedDecides() throws IOException {
    Path config = TinyModel.config(dir);
    for (int seed = 1; seed <= 2; seed++) {
      for (String copy : new String[] {"a", "b"}) {
        Mft.run("init", "--config", config, "--output", dir.resolve(copy + seed), "--seed", seed);
      }
    }
    Path weights = Path.of("model.safetensors");
    assertThat(dir.resolve("a1").resolve(weights))
        .hasSameBinaryContentAs(dir.resolve("b1").resolve(weights));
    assertThat(
            Files.mismatch(dir.resolve("a1").resolve(weights), dir.resolve("a2").resolve(weights)))
        .isNotEqualTo(-1);
  }

  @Test
  void storedType() throws IOException {
    Path output = dir.resolve("bf16");
    Mft.Run run =
        Mft.run("init", "--config", TinyModel.config(dir), "--output", output, "--dtype", "bf16");
    assertThat(run.code()).isZero();
    try (ModelFolder folder = ModelFolder.open(output)) {
      assertThat(folder.format()).isEqualTo(Format.BF16);
      assertThat(folder.config().string("torch_dtype")).isEqualTo("bfloat16");
    }
  }

  @Test
  void configIsKept() throws IOException {
    JsonObject config = JsonObject.read(TinyModel.make(dir, false).resolve("config.json"));
    assertThat(config.object("made_up").list("key")).hasSize(3);
    assertThat(config.string("model_type")).isEqualTo("gpt2");
    assertThat(config.list("architectures").toString()).isEqualTo("[GPT2LMHeadModel]");
    assertThat(config.bool("tie_word_embeddings", false)).isTrue();
  }

  @Test
  void tokenizerIsCopied() throws IOException {
    ByteTokenizer.write(dir.resolve("tokenizer"));
    Path output = dir.resolve("model");
    Mft.Run run =
        Mft.run(
            "init",
            "--config",
            TinyModel.config(dir),
            "--output",
            output,
            "--tokenizer",
            dir.resolve("tokenizer"));
    assertThat(run.code()).isZero();
    assertThat(TinyModel.names(output))
        .containsExactly("config.json", "model.safetensors", "tokenizer.json");
  }

  @Test
  void tokenizerMustFit() throws IOException {
    ByteTokenizer.write(dir.resolve("tokenizer"));
    Path config = dir.resolve("small.json");
    Files.writeString(
        config,
        Files.readString(TinyModel.config(dir)).replace("300", "" + (ByteTokenizer.TOKENS - 1)));
    Path output = dir.resolve("model");
    Mft.Run run =
        Mft.run(
            "init",
            "--config",
            config,
            "--output",
            output,
            "--tokenizer",
            dir.resolve("tokenizer"));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("at most 259 tokens", "found 260");
    assertThat(output).doesNotExist();
  }

  @Test
  void existingOutputIsRefused() throws IOException {
    Path model = TinyModel.make(dir, false);
    byte[] before = Files.readAllBytes(model.resolve("model.safetensors"));
    Mft.Run run =
        Mft.run("init", "--config", TinyModel.config(dir), "--output", model, "--seed", 9);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("new or empty folder", model.toString());
    assertThat(model.resolve("model.safetensors")).hasBinaryContent(before);
  }

  @Test
  void emptyOutputIsUsed() throws IOException {
    Path empty = Files.createDirectory(dir.resolve("empty"));
    assertThat(Mft.run("init", "--config", TinyModel.config(dir), "--output", empty).code())
        .isZero();
    assertThat(TinyModel.names(empty)).containsExactly("config.json", "model.safetensors");
  }

  @Test
  void outputThatCannotBeWritten() throws IOException {
    Path file = Files.createFile(dir.resolve("file"));
    Mft.Run run =
        Mft.run("init", "--config", TinyModel.config(dir), "--output", file.resolve("model"));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("cannot write").contains("model");
    assertThat(run.err().lines()).hasSize(1);
  }

  @Test
  void readOnlyFolder() throws IOException {
    Path locked = Files.createDirectory(dir.resolve("locked"));
    assertThat(locked.toFile().setWritable(false)).isTrue();
    // The administrator may write everywhere but here.
    Path folder = Files.isWritable(locked) ? Path.of("/proc/self") : locked;
    Mft.Run run =
        Mft.run("init", "--config", TinyModel.config(dir), "--output", folder.resolve("model"));
    assertThat(locked.toFile().setWritable(true)).isTrue();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("cannot write " + folder.resolve("model"), "read-only");
  }

  @Test
  void wrongConfigs() throws IOException {
    Path config = dir.resolve("c.json");
    Path output = dir.resolve("model");
    Mft.Run run = Mft.run("init", "--config", config, "--output", output);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("expected a file at " + config + ", found none");

    Files.writeString(config, "{\"model_type\": \"rwkv\"}");
    run = Mft.run("init", "--config", config, "--output", output);
    assertThat(run.err()).contains("model_type", "gpt2", "found \"rwkv\"");

    Files.writeString(config, "{\"model_type\": \"gpt2\", \"vocab_size\": 10, \"n_embd\": ");
    run = Mft.run("init", "--config", config, "--output", output);
    assertThat(run.err()).contains("expected JSON to go on, found its end at line 1, column");
    assertThat(run.err().lines()).hasSize(1);

    Files.writeString(config, "{\"model_type\": \"gpt2\", \"vocab_size\": 10}");
    run = Mft.run("init", "--config", config, "--output", output);
    assertThat(run.err()).contains("n_embd");
    assertThat(output).doesNotExist();
  }
}
