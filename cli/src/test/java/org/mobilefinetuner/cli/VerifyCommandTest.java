package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;

class VerifyCommandTest {
  private static final Path REFERENCE = Mft.GOLDEN.resolve("golden_forward_backward.safetensors");

  @TempDir Path dir;

  @Test
  void everyValueAndGradient() {
    Mft.Run run = Mft.run("verify", "--model", Mft.GOLDEN, "--golden", REFERENCE);
    assertThat(run.out())
        .containsPattern("logits +[0-9.e-]+ +[0-9.e-]+ +1.0e-04 abs +pass")
        .containsPattern("grad.transformer.wte.weight .* rel +pass")
        .contains("PASS: 34 pass, 0 fail, 0 not in file");
    assertThat(run.code()).isZero();
  }

  @Test
  void adapter() throws IOException {
    Mft.Run run =
        Mft.run(
            "verify",
            "--model",
            Mft.GOLDEN,
            "--adapter",
            Mft.GOLDEN.resolve("adapter"),
            "--golden",
            Mft.GOLDEN.resolve("golden_lora.safetensors"),
            "--json",
            "--backend",
            "scalar");
    assertThat(run.code()).isZero();
    JsonObject json = JsonObject.parse("out", run.out());
    assertThat(json.bool("passed", false)).isTrue();
    assertThat(json.integer("pass")).isEqualTo(19);
    assertThat(json.string("backend")).isEqualTo("scalar");
  }

  @Test
  void otherLayoutAndTypes() {
    for (String variant : new String[] {"bf16", "f16-published-layout"}) {
      Path model = Mft.GOLDEN.resolve(variant);
      Mft.Run run =
          Mft.run(
              "verify",
              "--model",
              model,
              "--golden",
              model.resolve("golden_forward_backward.safetensors"));
      assertThat(run.out()).as(variant).contains("0 fail");
      assertThat(run.code()).as(variant).isZero();
    }
  }

  @Test
  void aChangedWeightFails() throws IOException {
    Path model = TinyModel.golden(dir);
    TinyModel.poke(model, "transformer.h.1.ln_2.bias", 0.5f);
    Mft.Run run = Mft.run("verify", "--model", model, "--golden", REFERENCE);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).containsPattern("logits .* fail").contains("FAIL: ");
  }

  @Test
  void nothingComparedFails() throws IOException {
    Path ids = dir.resolve("ids.safetensors");
    writeIds(ids);
    Mft.Run run = Mft.run("verify", "--model", Mft.GOLDEN, "--golden", ids);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).contains("NOTHING COMPARED", "0 pass, 0 fail");
  }

  private static void writeIds(Path file) throws IOException {
    String header = "{\"input_ids\":{\"dtype\":\"U8\",\"shape\":[1,2],\"data_offsets\":[0,2]}}";
    var bytes = java.nio.ByteBuffer.allocate(8 + header.length() + 2);
    bytes.order(java.nio.ByteOrder.LITTLE_ENDIAN).putLong(header.length());
    bytes.put(header.getBytes(java.nio.charset.StandardCharsets.UTF_8)).put((byte) 3).put((byte) 4);
    Files.write(file, bytes.array());
  }

  @Test
  void notANumberIsNamed() throws IOException {
    Path model = TinyModel.golden(dir);
    TinyModel.poke(model, "transformer.h.1.mlp.c_fc.weight", Float.NaN);
    Mft.Run run = Mft.run("verify", "--model", model, "--golden", REFERENCE);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("transformer.h.1.mlp.c_fc.weight", "found NaN");
    run =
        Mft.run(
            "verify",
            "--model",
            model,
            "--adapter",
            Mft.GOLDEN.resolve("adapter"),
            "--golden",
            REFERENCE);
    assertThat(run.err()).contains("transformer.h.1.mlp.c_fc.weight", "found NaN");
  }

  @Test
  void wrongShapes() throws IOException {
    Path model = TinyModel.golden(dir);
    Path config = model.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"vocab_size\": 61", "\"vocab_size\": 62"));
    Mft.Run run = Mft.run("verify", "--model", model, "--golden", REFERENCE);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("transformer.wte.weight", "[62, 32]", "[61, 32]");
  }

  @Test
  void missingTensor() throws IOException {
    Path model = TinyModel.golden(dir);
    Path config = model.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("\"n_layer\": 2", "\"n_layer\": 3"));
    assertThat(Mft.run("verify", "--model", model, "--golden", REFERENCE).err())
        .contains("transformer.h.2.ln_1.weight");
  }

  @Test
  void missingFiles() {
    Mft.Run run = Mft.run("verify", "--model", dir, "--golden", REFERENCE);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("expected config.json");
    run = Mft.run("verify", "--model", dir.resolve("none"), "--golden", REFERENCE);
    assertThat(run.err()).contains("expected a model folder, found nothing");
    run = Mft.run("verify", "--model", Mft.GOLDEN.resolve("adapter"), "--golden", REFERENCE);
    assertThat(run.err()).contains("found an adapter");
    run = Mft.run("verify", "--model", Mft.GOLDEN, "--golden", dir.resolve("none"));
    assertThat(run.err()).contains("found no file");
    run = Mft.run("verify", "--model", Mft.GOLDEN, "--adapter", dir, "--golden", REFERENCE);
    assertThat(run.err()).contains("adapter_config.json");
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void rowsLongerThanTheModel() throws IOException {
    Path model = TinyModel.make(dir, false);
    Path config = dir.resolve("short.json");
    Files.writeString(config, Files.readString(TinyModel.config(dir)).replace(": 40", ": 8"));
    Path small = dir.resolve("small");
    Mft.run("init", "--config", config, "--output", small);
    assertThat(Mft.run("verify", "--model", small, "--golden", REFERENCE).err())
        .contains("at most 8");
    assertThat(model).exists();
  }
}
