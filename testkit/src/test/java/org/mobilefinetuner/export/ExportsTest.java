package org.mobilefinetuner.export;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.adapter.AdapterFolder;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.eval.GoldenCheck;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.GgmlType;
import org.mobilefinetuner.io.Gguf;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.io.SafetensorsWriter;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.ModelWriter.Storage;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Transposed;
import org.mobilefinetuner.testkit.Resources;

/** What is exported gives the logits of PyTorch, whatever the family; wrong layouts do not pass. */
class ExportsTest {
  private static final String GEMMA = "tiny-gemma3";

  @TempDir Path folder;

  private static Path golden(String family) throws IOException {
    return Resources.find("golden/" + family);
  }

  private static ScalarKernels kernels() {
    return new ScalarKernels();
  }

  /** The weights of a family with another configuration. */
  private Path copy(Path family, JsonObject config) throws IOException {
    Path copy = Files.createDirectories(folder.resolve("copy"));
    Files.copy(family.resolve("model.safetensors"), copy.resolve("model.safetensors"));
    Files.writeString(copy.resolve("config.json"), config.pretty());
    return copy;
  }

  /** Logits and losses, compared with PyTorch's for base and adapter. */
  private static void requireGolden(LoadedWeights weights, Path family) throws IOException {
    try (Safetensors file = Safetensors.open(family.resolve("golden_lora.safetensors"))) {
      for (GoldenCheck.Row row : GoldenCheck.run(weights, file, kernels()).rows()) {
        if (!row.quantity().startsWith("grad.")) {
          assertThat(row.verdict()).as(row.quantity()).isNotEqualTo(GoldenCheck.Verdict.FAIL);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-gpt2", "tiny-qwen2", "tiny-llama", GEMMA})
  void mergedFolder(String name) throws IOException {
    Path family = golden(name);
    Path output = folder.resolve("merged");
    try (ModelFolder model = ModelFolder.open(family)) {
      var exports = new Exports(model, family.resolve("adapter"), kernels());
      LogitCheck.Report report = exports.hf(output, new Storage(Format.F32, 30_000));
      assertThat(report.error()).isLessThan(1e-5);
      assertThat(report.effect()).isGreaterThan(0.01);
    }
    assertThat(output.resolve("model.safetensors.index.json")).exists();
    JsonObject index = JsonObject.read(output.resolve("model.safetensors.index.json"));
    try (ModelFolder merged = ModelFolder.open(output)) {
      assertThat(index.object("metadata").get("total_parameters"))
          .isEqualTo(merged.model().parameters());
      assertThat(merged.source().files()).hasSizeGreaterThan(1);
      requireGolden(merged.frozen(), family);
    }
  }

  @ParameterizedTest
  @CsvSource({"F32, 1e-5", "F16, 5e-3", "BF16, 5e-2", "Q8_0, 5e-2"})
  void mergedGguf(GgmlType type, double bound) throws IOException {
    Path family = golden("tiny-gpt2");
    Path output = folder.resolve("m.gguf");
    try (ModelFolder model = ModelFolder.open(family)) {
      var exports = new Exports(model, family.resolve("adapter"), kernels());
      assertThat(exports.gguf(output, type).error()).isLessThan(bound);
      try (Gguf file = Gguf.open(output)) {
        assertThat(file.type("blk.0.attn_norm.weight")).isEqualTo("F32");
        assertThat(file.type("blk.0.attn_qkv.bias")).isEqualTo("F32");
        assertThat(file.type("blk.0.ffn_up.weight")).isEqualTo(type.name());
        assertThat(file.shape("blk.0.attn_qkv.weight")).containsExactly(96, 32);
        if (type == GgmlType.F32) {
          requireGolden(
              LoadedWeights.frozen(model.model(), new GgufWeights(file, model.model())), family);
        }
      }
    }
    assertThat(folder).isDirectoryNotContaining("glob:**.unverified");
  }

  /** With biases, and rows in llama.cpp's order. */
  @Test
  void mergedGgufOfLlama() throws IOException {
    Path family = golden("tiny-llama");
    Path output = folder.resolve("m.gguf");
    try (ModelFolder model = ModelFolder.open(family)) {
      new Exports(model, family.resolve("adapter"), kernels()).gguf(output, GgmlType.F32);
      try (Gguf file = Gguf.open(output)) {
        requireGolden(
            LoadedWeights.frozen(model.model(), new GgufWeights(file, model.model())), family);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-gpt2", "tiny-qwen2", "tiny-llama", GEMMA})
  void adapterForLlamaCpp(String name) throws IOException {
    Path family = golden(name);
    Path output = folder.resolve("a.gguf");
    try (ModelFolder model = ModelFolder.open(family)) {
      var exports = new Exports(model, family.resolve("adapter"), kernels());
      assertThat(exports.ggufLora(output, GgmlType.F32).error()).isLessThan(1e-6);
      assertThat(exports.ggufLora(folder.resolve("b.gguf"), GgmlType.F16).error()).isLessThan(5e-3);
      try (Gguf file = Gguf.open(output)) {
        LoadedWeights weights = model.frozen();
        new GgufAdapter(model.model(), name).read(file).forEach(weights::adapt);
        requireGolden(weights, family);
        assertThat(file.metadata().number("adapter.lora.alpha")).isEqualTo(8);
        assertThat(file.metadata().string("general.architecture"))
            .isEqualTo(name.replace("tiny-", ""));
      }
    }
  }

  /**
   * attn.c_proj is square, so that a transposed adapter has its shape: GPT-2's weights are [in,
   * out] and turned for llama.cpp, its adapters must not be.
   */
  @Test
  void squareAdaptersOfGpt2AreNotTurned() throws IOException {
    Path family = golden("tiny-gpt2");
    Path output = folder.resolve("a.gguf");
    String site = "transformer.h.0.attn.c_proj";
    try (ModelFolder model = ModelFolder.open(family)) {
      var exports = new Exports(model, family.resolve("adapter"), kernels());
      exports.ggufLora(output, GgmlType.F32);
      Lora lora = requireNonNull(exports.adapters().get(site)).lora();
      try (Gguf file = Gguf.open(output)) {
        Tensor a = file.tensor("blk.0.attn_output.weight.lora_a");
        Tensor b = file.tensor("blk.0.attn_output.weight.lora_b");
        assertThat(a.shape()).containsExactly(4, 32);
        assertThat(a.data()).isEqualTo(lora.a().value().data());
        assertThat(b.data()).isEqualTo(lora.b().value().data());
        LoadedWeights turned = model.frozen();
        Map<String, Lora> adapters = new GgufAdapter(model.model(), "x").read(file);
        adapters.put(
            site,
            new Lora(
                new Parameter("a", Transposed.copy(b)),
                new Parameter("b", Transposed.copy(a)),
                lora.scale(),
                0));
        adapters.forEach(turned::adapt);
        LoadedWeights right = model.frozen();
        exports.adapters().forEach(right::adapt);
        LogitCheck check = new LogitCheck(right, model.frozen(), kernels());
        assertThatThrownBy(() -> check.require("turned", turned, 5e-2))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("expected the logits of base and adapter within");
      }
    }
  }

  /** Row 1 of a head of 16 is row 8 here: in the weights of q and k, their biases, and in B. */
  @Test
  void rowsOfLlama() throws IOException {
    Path family = golden("tiny-llama");
    Path output = folder.resolve("m.gguf");
    Path adapter = folder.resolve("a.gguf");
    try (ModelFolder model = ModelFolder.open(family)) {
      new Exports(model, null, kernels()).gguf(output, GgmlType.F32);
      var exports = new Exports(model, family.resolve("adapter"), kernels());
      exports.ggufLora(adapter, GgmlType.F32);
      String site = "model.layers.1.self_attn.q_proj";
      Tensor q = model.source().tensor(site + ".weight");
      Tensor b = requireNonNull(exports.adapters().get(site)).lora().b().value();
      try (Gguf file = Gguf.open(output);
          Gguf lora = Gguf.open(adapter)) {
        assertThat(row(file.tensor("blk.1.attn_q.weight"), 17)).isEqualTo(row(q, 24));
        assertThat(row(lora.tensor("blk.1.attn_q.weight.lora_b"), 17)).isEqualTo(row(b, 24));
        assertThat(file.tensor("blk.1.attn_q.bias").data()[17])
            .isEqualTo(model.source().tensor(site + ".bias").data()[24]);
        assertThat(file.tensor("blk.1.attn_v.weight").data())
            .isEqualTo(model.source().tensor("model.layers.1.self_attn.v_proj.weight").data());
        assertThat(file.shape("rope_freqs.weight")).containsExactly(8);
      }
    }
  }

  private static float[] row(Tensor x, int row) {
    return java.util.Arrays.copyOfRange(x.data(), row * x.cols(), (row + 1) * x.cols());
  }

  /** llama.cpp's own scale differs from one adapter's: it is put into B. */
  @Test
  void scalesOfSeveralAdapters() throws IOException {
    Path family = golden("tiny-gpt2");
    try (ModelFolder model = ModelFolder.open(family)) {
      Map<String, Lora> adapters = new LinkedHashMap<>();
      float[] scale = {2};
      AdapterFolder.read(family.resolve("adapter"), ModelFolder.sites(model.model()))
          .forEach(
              (site, l) ->
                  adapters.put(site, new Lora(l.lora().a(), l.lora().b(), scale[0] *= 1.5f, 0)));
      Path output = folder.resolve("a.gguf");
      GgufAdapter form = new GgufAdapter(model.model(), "x");
      form.write(output, adapters, GgmlType.F32);
      LoadedWeights wanted = model.frozen();
      adapters.forEach(wanted::adapt);
      LoadedWeights found = model.frozen();
      try (Gguf file = Gguf.open(output)) {
        form.read(file).forEach(found::adapt);
      }
      assertThat(new LogitCheck(wanted, model.frozen(), kernels()).compare(found, 1e-5).passed())
          .isTrue();
    }
  }

  @Test
  void adaptersOfMlxBecomeThoseOfPeft() throws IOException {
    Path family = golden("tiny-qwen2");
    Path mlx = Files.createDirectories(folder.resolve("mlx"));
    try (ModelFolder model = ModelFolder.open(family)) {
      Map<String, Item> tensors = new LinkedHashMap<>();
      AdapterFolder.read(family.resolve("adapter"), ModelFolder.sites(model.model()))
          .forEach(
              (site, l) -> {
                Tensor a = Transposed.copy(l.lora().a().value());
                Tensor b = Transposed.copy(l.lora().b().value());
                tensors.put(site + ".lora_a", Item.of(a, Format.F32));
                tensors.put(site + ".lora_b", Item.of(b, Format.F32));
              });
      SafetensorsWriter.write(mlx.resolve("adapters.safetensors"), tensors);
      Files.writeString(
          mlx.resolve("adapter_config.json"),
          """
          {"fine_tune_type": "lora", "num_layers": 3, "model": "some/where",
           "lora_parameters": {"rank": 4, "scale": 2.0, "dropout": 0.0}}
          """);
      Path output = folder.resolve("peft");
      assertThat(new Exports(model, mlx, kernels()).peft(output).error()).isZero();
      JsonObject config = JsonObject.read(output.resolve("adapter_config.json"));
      assertThat(config.number("lora_alpha")).isEqualTo(8);
      assertThat(config.integer("r")).isEqualTo(4);
      assertThat(config.bool("fan_in_fan_out", true)).isFalse();
      LoadedWeights weights = model.frozen();
      AdapterFolder.read(output, ModelFolder.sites(model.model())).forEach(weights::adapt);
      requireGolden(weights, family);
    }
  }

  /** The golden Gemma 3 has a scale of its own, the golden Qwen2 a window. */
  @ParameterizedTest
  @CsvSource({GEMMA + ", gemma3", "tiny-qwen2, qwen2"})
  void whatLlamaCppWouldComputeOtherwiseIsRefused(String name, String arch) throws IOException {
    Path family = golden(name);
    Path output = folder.resolve("m.gguf");
    try (ModelFolder model = ModelFolder.open(family)) {
      var exports = new Exports(model, null, kernels());
      assertThatThrownBy(() -> exports.gguf(output, GgmlType.F16))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("built into " + arch);
    }
    assertThat(folder).isEmptyDirectory();
  }

  /**
   * Gemma 3 as it is published: the scale is that of the head's width, each sixth layer sees all.
   */
  @Test
  void gemma() throws IOException {
    Path family = golden(GEMMA);
    JsonObject config = JsonObject.read(family.resolve("config.json"));
    config.put("query_pre_attn_scalar", config.integer("head_dim"));
    Path copy = copy(family, config.put("sliding_window_pattern", 6));
    Path output = folder.resolve("m.gguf");
    try (ModelFolder model = ModelFolder.open(copy)) {
      var exports = new Exports(model, family.resolve("adapter"), kernels());
      assertThat(exports.gguf(output, GgmlType.F32).error()).isLessThan(1e-5);
      try (Gguf file = Gguf.open(output)) {
        String norm = "model.layers.0.post_feedforward_layernorm.weight";
        float stored = file.tensor("blk.0.post_ffw_norm.weight").data()[0];
        assertThat(stored).isEqualTo(1 + model.source().tensor(norm).data()[0]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "Q8_0"})
  void namesOfLlamaCpp(GgmlType type) throws IOException {
    Path family = golden("tiny-qwen2");
    JsonObject config = JsonObject.read(family.resolve("config.json"));
    Path copy = copy(family, config.put("use_sliding_window", false));
    try (ModelFolder model = ModelFolder.open(copy)) {
      Path output = folder.resolve("m.gguf");
      new Exports(model, null, kernels()).gguf(output, type);
      try (Gguf file = Gguf.open(output)) {
        assertThat(file.names())
            .contains(
                "token_embd.weight",
                "output_norm.weight",
                "blk.0.attn_q.weight",
                "blk.0.attn_q.bias",
                "blk.0.attn_output.weight",
                "blk.0.ffn_norm.weight",
                "blk.0.ffn_gate.weight")
            .doesNotContain("output.weight");
        assertThat(file.metadata().keys())
            .containsAll(
                List.of(
                    "general.type",
                    "general.file_type",
                    "qwen2.context_length",
                    "qwen2.block_count",
                    "qwen2.attention.head_count_kv",
                    "qwen2.attention.layer_norm_rms_epsilon",
                    "qwen2.rope.freq_base"));
      }
    }
  }
}
