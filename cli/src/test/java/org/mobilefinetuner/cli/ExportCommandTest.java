package org.mobilefinetuner.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.Gguf;
import org.mobilefinetuner.io.GgufMetadata;

class ExportCommandTest {
  private static final Path ADAPTER = Mft.GOLDEN.resolve("adapter");

  @TempDir Path dir;

  private Mft.Run export(Object... more) {
    Object[] args = new Object[more.length + 5];
    args[0] = "export";
    args[1] = "--model";
    args[2] = Mft.GOLDEN;
    args[3] = "--output";
    args[4] = dir.resolve("out");
    System.arraycopy(more, 0, args, 5, more.length);
    return Mft.run(args);
  }

  @Test
  void everyFormat() throws IOException {
    for (String format : new String[] {"peft", "hf", "gguf-lora", "gguf"}) {
      Path output = dir.resolve(format);
      Mft.Run run =
          Mft.run(
              "export",
              "--model",
              Mft.GOLDEN,
              "--adapter",
              ADAPTER,
              "--format",
              format,
              "-o",
              output);
      assertThat(run.err()).isEmpty();
      assertThat(run.code()).isZero();
      assertThat(run.out()).contains("Loaded again: logits differ by", "The adapter changes them");
    }
    assertThat(TinyModel.names(dir.resolve("gguf")))
        .containsExactly("tiny-gpt2-28K-adapter-v1.0-F16.gguf");
    assertThat(TinyModel.names(dir.resolve("gguf-lora")))
        .containsExactly("tiny-gpt2-28K-adapter-v1.0-F32-LoRA.gguf");
    assertThat(TinyModel.names(dir.resolve("peft"))).contains("adapter_model.safetensors");
  }

  @Test
  void merge() throws IOException {
    Path output = dir.resolve("merged");
    Mft.Run run =
        Mft.run(
            "merge",
            "--model",
            Mft.GOLDEN,
            "--adapter",
            ADAPTER,
            "-o",
            output,
            "--dtype",
            "bf16",
            "--max_shard_size",
            "40kb");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("merged gpt2, bf16");
    assertThat(TinyModel.names(output))
        .contains("model-00001-of-00002.safetensors", "model.safetensors.index.json");
    assertThat(Mft.run("inspect", output).out()).contains("28 tensors", "BF16");
    assertThat(Mft.run("merge", "--model", Mft.GOLDEN, "--adapter", ADAPTER, "-o", output).err())
        .contains("new or empty folder");
  }

  @Test
  void tokenizerAndTemplate() throws IOException {
    Path model = TinyModel.make(dir, true);
    Files.writeString(
        model.resolve("tokenizer_config.json"),
        """
        {"model_max_length": 1000000000000000019884624838656, "eos_token": "<|endoftext|>",
         "chat_template": [{"name": "tool", "template": "no"},
           {"name": "default", "template": "<|im_start|>"}]}
        """);
    Path file = dir.resolve("m.gguf");
    Mft.Run run =
        Mft.run("export", "--model", model, "--format", "gguf", "-o", file, "--modelfile");
    assertThat(run.err()).isEmpty();
    assertThat(dir.resolve("Modelfile")).content().startsWith("FROM ./m.gguf\nTEMPLATE");
    try (Gguf opened = Gguf.open(file)) {
      GgufMetadata m = opened.metadata();
      assertThat(m.string("tokenizer.ggml.model")).isEqualTo("gpt2");
      assertThat(m.string("tokenizer.ggml.pre")).isEqualTo("gpt-2");
      assertThat((String[]) m.get("tokenizer.ggml.tokens"))
          .hasSize(300)
          .contains("<|endoftext|>", "[PAD299]");
      int[] types = (int[]) requireNonNull(m.get("tokenizer.ggml.token_type"));
      assertThat(types[0]).isEqualTo(1);
      assertThat(types[256]).isEqualTo(3);
      assertThat(types[299]).isEqualTo(5);
      assertThat((String[]) m.get("tokenizer.ggml.merges"))
          .containsExactly("t h", "th e", "\u0120 the");
      assertThat(m.get("tokenizer.ggml.eos_token_id")).isEqualTo(256);
      assertThat(m.get("tokenizer.ggml.add_bos_token")).isEqualTo(false);
      assertThat(m.string("tokenizer.chat_template")).isEqualTo("<|im_start|>");
    }
  }

  @Test
  void adapterOfTheHeadIsRefused() throws IOException {
    Path copy = Files.createDirectories(dir.resolve("adapter"));
    Files.writeString(copy.resolve("adapter_config.json"), "{\"peft_type\": \"LORA\", \"r\": 4}");
    Path file = Files.copy(ADAPTER.resolve("adapter_model.safetensors"), copy.resolve("x"));
    String renamed =
        Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1)
            .replace("model.transformer.h.0.attn.c_attn.lora_", "model.lm_head.lora_")
            .replace("\"lm_head", "\"lm_head");
    assertThat(renamed).contains("lm_head");
    int less = "transformer.h.0.attn.c_attn".length() - "lm_head".length();
    String padded = renamed.replaceFirst("}}( *)", "}}$1" + " ".repeat(2 * less));
    Files.writeString(
        copy.resolve("adapter_model.safetensors"),
        padded,
        java.nio.charset.StandardCharsets.ISO_8859_1);
    Mft.Run run = export("--adapter", copy, "--format", "gguf-lora");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("lm_head", "llama.cpp ignores it");
  }

  @Test
  void wrongCommandLines() {
    assertThat(export("--format", "gguf-lora").err()).contains("expected --adapter with --format");
    assertThat(export("--format", "onnx").err()).contains("peft, hf, gguf-lora, gguf", "onnx");
    assertThat(export("--format", "hf", "--outtype", "q8_0").err())
        .contains("expected --outtype among [f32, f16, bf16] for hf, found q8_0");
    assertThat(export("--format", "gguf", "--outtype", "q4_k").err()).contains("found q4_k");
    assertThat(export("--format", "hf", "--modelfile").err()).contains("gguf or gguf-lora");
    assertThat(export("--format", "hf", "--max-shard-size", "many").err()).contains("500MB or 5GB");
    assertThat(export("--format", "hf", "--max-shard-size", "many").code()).isEqualTo(2);
    assertThat(dir.resolve("out")).doesNotExist();
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    Path file = Files.writeString(dir.resolve("m.gguf"), "mine");
    Mft.Run run = Mft.run("export", "--model", Mft.GOLDEN, "--format", "gguf", "-o", file);
    assertThat(run.code()).isEqualTo(2);
    assertThat(file).content().isEqualTo("mine");
  }
}
