package org.mobilefinetuner.adapter;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.SafetensorsWriter;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;

class PeftFolderTest {
  private static final List<Site> SITES =
      List.of(
          new Site("h.0.attn.c_attn", 4, 6, Layout.IN_OUT),
          new Site("h.0.mlp.c_proj", 8, 4, Layout.IN_OUT),
          new Site("h.1.attn.c_attn", 4, 6, Layout.IN_OUT));

  @TempDir Path dir;

  private static Tensor counting(int rows, int cols, float from) {
    Tensor tensor = Tensor.zeros(rows, cols);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[i] = from + i;
    }
    return tensor;
  }

  private static Lora lora(Site site, int rank, float scale) {
    return new Lora(
        new Parameter(Lora.nameOfA(site.name()), counting(rank, site.in(), 0.5f)),
        new Parameter(Lora.nameOfB(site.name()), counting(site.out(), rank, -3)),
        scale,
        0.25f);
  }

  private void config(String json) throws IOException {
    Files.writeString(dir.resolve(PeftFolder.CONFIG), json);
  }

  private void weights(Map<String, Tensor> tensors) throws IOException {
    Map<String, Item> items = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> items.put(name, Item.of(tensor, Format.F32)));
    SafetensorsWriter.write(dir.resolve(PeftFolder.WEIGHTS), items);
  }

  private static Map<String, Tensor> pair(Site site, int rank) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(Lora.nameOfA(site.name()), counting(rank, site.in(), 0));
    tensors.put(Lora.nameOfB(site.name()), counting(site.out(), rank, 0));
    return tensors;
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    TargetModules targets = TargetModules.of(List.of("c_attn", "mlp.c_proj"), SITES);
    List<Lora> written = SITES.stream().map(site -> lora(site, 2, 8)).toList();
    Path folder = dir.resolve("run");
    PeftFolder.write(
        folder, new PeftFolder.Settings("a/b", 2, 16, false, 0.25, false, targets), written);

    Map<String, LowRankAdapter> read = PeftFolder.read(folder, SITES);
    assertThat(read.keySet())
        .containsExactly("h.0.attn.c_attn", "h.0.mlp.c_proj", "h.1.attn.c_attn");
    Lora back = requireNonNull(read.get("h.0.mlp.c_proj")).lora();
    assertThat(back.scale()).isEqualTo(8);
    assertThat(back.dropout()).isEqualTo(0.25f);
    assertThat(back.a().value().shape()).containsExactly(2, 8);
    assertThat(back.b().value().data()).isEqualTo(written.get(1).b().value().data());

    JsonObject config = JsonObject.read(folder.resolve(PeftFolder.CONFIG));
    assertThat(config.keys())
        .containsExactly(
            "alpha_pattern",
            "auto_mapping",
            "base_model_name_or_path",
            "bias",
            "fan_in_fan_out",
            "inference_mode",
            "init_lora_weights",
            "layers_pattern",
            "layers_to_transform",
            "lora_alpha",
            "lora_dropout",
            "modules_to_save",
            "peft_type",
            "r",
            "rank_pattern",
            "revision",
            "target_modules",
            "task_type",
            "use_dora",
            "use_rslora");
    assertThat(config.bool("fan_in_fan_out", false)).isTrue();
    assertThat(config.get("lora_alpha")).isEqualTo(16L);
    assertThat(config.list("target_modules").toString()).isEqualTo("[c_attn, mlp.c_proj]");
    assertThat(folder.resolve("README.md")).content().contains("base_model: a/b", "lora");
  }

  @Test
  void writtenIntoAFolderThatIsThere() throws IOException {
    TargetModules targets = TargetModules.of(List.of("all-linear"), SITES);
    Files.writeString(dir.resolve("metrics.jsonl"), "{}");
    List<Lora> adapters = SITES.stream().map(site -> lora(site, 2, 8)).toList();
    PeftFolder.write(
        dir, new PeftFolder.Settings(null, 2, 16.5, false, 0, false, targets), adapters);
    try (var files = Files.list(dir)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "metrics.jsonl", "README.md", PeftFolder.CONFIG, PeftFolder.WEIGHTS);
    }
    assertThat(PeftFolder.read(dir, SITES)).hasSize(3);
    assertThat(dir.resolve("README.md")).content().doesNotContain("base_model:");
    assertThat(JsonObject.read(dir.resolve(PeftFolder.CONFIG)).number("lora_alpha"))
        .isEqualTo(16.5);
  }

  private float scale(String json, int rank) throws IOException {
    config(json);
    weights(pair(SITES.get(0), rank));
    return requireNonNull(PeftFolder.read(dir, SITES).get("h.0.attn.c_attn")).lora().scale();
  }

  @Test
  void scales() throws IOException {
    assertThat(scale("{}", 8)).as("PEFT's defaults").isEqualTo(1);
    assertThat(scale("{\"r\": 2, \"lora_alpha\": 5}", 2)).isEqualTo(2.5f);
    assertThat(scale("{\"r\": 4, \"lora_alpha\": 8, \"use_rslora\": true}", 4)).isEqualTo(4);
    assertThat(
            scale(
                "{\"r\": 4, \"lora_alpha\": 8, \"rank_pattern\": {\"c_proj\": 1, \"attn.c_attn\":"
                    + " 2}, \"alpha_pattern\": {\".*h.0.*\": 12}}",
                2))
        .isEqualTo(6);
    assertThat(
            scale(
                "{\"r\": 3, \"lora_alpha\": 1, \"rank_pattern\": {\"attn\": 9, \"_attn\": 9}}", 3))
        .as("a pattern is a whole end of the name")
        .isCloseTo(1 / 3f, within(1e-7f));
  }

  @Test
  void unknownKeysArePassedOver() throws IOException {
    assertThat(
            scale(
                "{\"r\": 2, \"lora_alpha\": 2, \"peft_version\": \"9\", \"bias\": \"none\","
                    + " \"modules_to_save\": null, \"use_dora\": false, \"new\": {\"a\": [1]},"
                    + " \"trainable_token_indices\": null, \"init_lora_weights\": \"gaussian\"}",
                2))
        .isEqualTo(1);
  }

  @Test
  void otherMethodsAreRefusedByName() throws IOException {
    weights(pair(SITES.get(0), 8));
    for (String refused :
        List.of(
            "\"modules_to_save\": [\"lm_head\"]",
            "\"bias\": \"all\"",
            "\"lora_bias\": true",
            "\"peft_type\": \"LOHA\"",
            "\"init_lora_weights\": \"pissa\"",
            "\"alora_invocation_tokens\": [1]",
            "\"target_parameters\": [\"x\"]")) {
      config("{" + refused + "}");
      assertThatThrownBy(() -> PeftFolder.read(dir, SITES))
          .as(refused)
          .isInstanceOf(FormatException.class)
          .hasMessageContaining(refused.substring(1, refused.indexOf('"', 1)));
    }
  }

  private void refused(String... parts) {
    assertThatThrownBy(() -> PeftFolder.read(dir, SITES))
        .isInstanceOf(FormatException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }

  @Test
  void whatDoesNotFitTheModelIsRefused() throws IOException {
    refused("adapter_config.json", "none in");
    config("{\"r\": 2}");
    Files.writeString(dir.resolve("adapter_model.bin"), "");
    refused("adapter_model.bin");

    weights(pair(SITES.get(0), 3));
    refused("h.0.attn.c_attn.lora_A.weight", "[2, 4]", "[3, 4]");

    weights(pair(new Site("h.7.attn.c_attn", 4, 6, Layout.IN_OUT), 2));
    refused("h.7.attn.c_attn", "[c_attn, c_proj]");

    Map<String, Tensor> half = pair(SITES.get(0), 2);
    half.remove(Lora.nameOfB("h.0.attn.c_attn"));
    weights(half);
    refused("lora_A and lora_B", "only some");

    Map<String, Tensor> dora = pair(SITES.get(0), 2);
    dora.put("base_model.model.h.0.attn.c_attn.lora_magnitude_vector", Tensor.zeros(6));
    weights(dora);
    refused("lora_magnitude_vector", "use_dora");

    config("{\"r\": 2, \"use_dora\": true}");
    weights(pair(SITES.get(0), 2));
    refused("lora_A and lora_B and lora_magnitude_vector", "only some");

    dora.put("base_model.model.h.0.attn.c_attn.lora_magnitude_vector", Tensor.zeros(5));
    weights(dora);
    refused("lora_magnitude_vector", "[6]", "[5]");

    config("{\"r\": 2}");

    Map<String, Tensor> broken = pair(SITES.get(0), 2);
    requireNonNull(broken.get(Lora.nameOfB("h.0.attn.c_attn"))).data()[3] = Float.NaN;
    weights(broken);
    refused("lora_B.weight", "NaN", "index 3");

    weights(Map.of());
    refused("found none");

    config("{\"r\": 2, \"rank_pattern\": {\"" + "(.*)".repeat(15) + "!\": 1}}");
    weights(pair(SITES.get(0), 2));
    refused("rank_pattern", "takes too long");
    config("{\"r\": 2, \"rank_pattern\": {\"" + "(".repeat(3000) + "\": 1}}");
    refused("rank_pattern", "at most 500 characters", "one of 3000");
    config("{\"r\": 2, \"lora_dropout\": 1}");
    refused("lora_dropout", "from 0 to below 1", "found 1");
    config("{\"r\": 2, \"lora_alpha\": 1e60}");
    refused("lora_alpha", "float32", "found 1.0E60");

    config("{\"r\": 0}");
    weights(pair(SITES.get(0), 2));
    refused("rank of 1 or more");
  }
}
