package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.tensor.Tensor;

/** DoRA and rsLoRA from training to what other programs load. */
class DoraCommandsTest {
  private static final String MAGNITUDE =
      "base_model.model.transformer.h.0.attn.c_attn.lora_magnitude_vector";

  @TempDir Path dir;
  private Path model = Path.of("");
  private Path data = Path.of("");

  @BeforeEach
  void make() throws IOException {
    model = TinyModel.make(dir, true);
    data = dir.resolve("data.txt");
    Files.writeString(data, "All work and no play makes Jack a dull boy. ".repeat(8));
  }

  private Mft.Run train(String output, Object... more) {
    Object[] args = {
      "train",
      "--model",
      model,
      "--data",
      data,
      "-o",
      dir.resolve(output),
      "--max-steps",
      2,
      "--max-seq-length",
      32,
      "--lora-rank",
      4,
      "--lora-alpha",
      8,
      "--learning-rate",
      "0.01"
    };
    Object[] all = Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return Mft.run(all);
  }

  private JsonObject config(String output) throws IOException {
    return JsonObject.read(dir.resolve(output).resolve("adapter_config.json"));
  }

  private float[] magnitudes(String output) throws IOException {
    Path file = dir.resolve(output).resolve("adapter_model.safetensors");
    try (Safetensors adapter = Safetensors.open(file)) {
      Tensor m = adapter.tensor(MAGNITUDE);
      assertThat(m.shape()).containsExactly(48);
      return m.data();
    }
  }

  private static void assertSucceeds(Mft.Run run) {
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
  }

  @Test
  void aDoraAdapterIsTrainedUsedAndExported() throws IOException {
    Path run = dir.resolve("run");
    assertSucceeds(train("run", "--method", "dora", "--lora-dropout", 0.1));
    assertThat(config("run").bool("use_dora", false)).isTrue();
    float[] trained = magnitudes("run");

    assertSucceeds(train("more", "--adapter", run));
    assertThat(config("more").bool("use_dora", false)).isTrue();
    assertThat(magnitudes("more")).isNotEqualTo(trained);

    assertSucceeds(
        Mft.run("eval", "ppl", "--model", model, "--data", data, "--adapter", run, "--base"));
    Mft.Run text =
        Mft.run(
            "generate",
            "--model",
            model,
            "--adapter",
            run,
            "--prompt",
            "All",
            "--max-new-tokens",
            3);
    assertThat(text.code()).isZero();
    assertSucceeds(
        Mft.run("merge", "--model", model, "--adapter", run, "-o", dir.resolve("merged")));

    Mft.Run refused =
        Mft.run(
            "export",
            "--model",
            model,
            "--adapter",
            run,
            "--format",
            "gguf-lora",
            "-o",
            dir.resolve("a.gguf"));
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("expected a LoRA adapter", "found DoRA", "as gguf instead");
  }

  @Test
  void rankStabilisedIsWrittenAndTrainedOn() throws IOException {
    assertSucceeds(train("run", "--use-rslora"));
    assertThat(config("run").bool("use_rslora", false)).isTrue();
    assertThat(config("run").bool("use_dora", true)).isFalse();
    assertThat(config("run").number("lora_alpha")).isEqualTo(8);
    assertSucceeds(train("more", "--adapter", dir.resolve("run")));
    assertThat(config("more").bool("use_rslora", false)).isTrue();
    assertThat(config("more").number("lora_alpha")).isEqualTo(8);
  }

  @Test
  void aLoraAdapterDoesNotBecomeDora() {
    assertSucceeds(train("run"));
    Mft.Run run = train("more", "--adapter", dir.resolve("run"), "--method", "dora");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("expected a DoRA adapter", "found LoRA", "leave --method out");
  }
}
