package org.mobilefinetuner.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.eval.GoldenCheck;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.GgmlType;
import org.mobilefinetuner.io.Gguf;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.ModelWriter.Storage;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.testkit.Resources;

/** Exports of DoRA and rsLoRA compute what PEFT computed with the adapter. */
class VariantExportsTest {
  private static final String SCALED = "adapter.lora.alpha";

  @TempDir Path folder;

  private static Exports exports(ModelFolder model, String variant) throws IOException {
    return new Exports(model, model.path().resolve("adapter_" + variant), new ScalarKernels());
  }

  private static void requireGolden(LoadedWeights weights, Path family, String variant)
      throws IOException {
    Path golden = family.resolve("golden_" + variant + ".safetensors");
    try (Safetensors file = Safetensors.open(golden)) {
      for (GoldenCheck.Row row : GoldenCheck.run(weights, file, new ScalarKernels()).rows()) {
        if (!row.quantity().startsWith("grad.")) {
          assertThat(row.verdict()).as(row.quantity()).isNotEqualTo(GoldenCheck.Verdict.FAIL);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"tiny-gpt2, dora", "tiny-qwen2, dora", "tiny-qwen2, rslora"})
  void mergedFolder(String name, String variant) throws IOException {
    Path family = Resources.find("golden/" + name);
    Path output = folder.resolve("merged");
    try (ModelFolder model = ModelFolder.open(family)) {
      LogitCheck.Report report =
          exports(model, variant).hf(output, new Storage(Format.F32, Long.MAX_VALUE));
      assertThat(report.error()).isLessThan(1e-5);
      assertThat(report.effect()).isGreaterThan(0.01);
    }
    try (ModelFolder merged = ModelFolder.open(output)) {
      requireGolden(merged.frozen(), family, variant);
    }
  }

  @ParameterizedTest
  @CsvSource({"tiny-gpt2, dora", "tiny-qwen2, dora", "tiny-qwen2, rslora"})
  void adapterForPeft(String name, String variant) throws IOException {
    Path family = Resources.find("golden/" + name);
    Path output = folder.resolve("peft");
    try (ModelFolder model = ModelFolder.open(family)) {
      assertThat(exports(model, variant).peft(output).error()).isZero();
      requireGolden(model.adapted(output), family, variant);
    }
    JsonObject config = JsonObject.read(output.resolve("adapter_config.json"));
    assertThat(config.bool("use_dora", false)).isEqualTo(variant.equals("dora"));
    assertThat(config.bool("use_rslora", false)).isEqualTo(variant.equals("rslora"));
    assertThat(config.number("lora_alpha")).isEqualTo(8);
    assertThat(output.resolve("README.md"))
        .content()
        .contains(variant.equals("dora") ? "# DoRA adapter" : "alpha/√rank", "| Alpha | 8 |");
  }

  @Test
  void mergedGguf() throws IOException {
    Path family = Resources.find("golden/tiny-gpt2");
    Path output = folder.resolve("m.gguf");
    try (ModelFolder model = ModelFolder.open(family)) {
      exports(model, "dora").gguf(output, GgmlType.F32);
      try (Gguf file = Gguf.open(output)) {
        LoadedWeights weights =
            LoadedWeights.frozen(model.model(), new GgufWeights(file, model.model()));
        requireGolden(weights, family, "dora");
      }
    }
  }

  /** llama.cpp divides by the rank, not by its root. */
  @Test
  void rankStabilisedForLlamaCpp() throws IOException {
    Path family = Resources.find("golden/tiny-qwen2");
    Path output = folder.resolve("a.gguf");
    try (ModelFolder model = ModelFolder.open(family)) {
      exports(model, "rslora").ggufLora(output, GgmlType.F32);
      try (Gguf file = Gguf.open(output)) {
        assertThat((float) file.metadata().number(SCALED)).isEqualTo((float) (8 * Math.sqrt(3)));
      }
    }
  }

  @Test
  void magnitudesAreNotForLlamaCpp() throws IOException {
    Path output = folder.resolve("a.gguf");
    try (ModelFolder model = ModelFolder.open(Resources.find("golden/tiny-gpt2"))) {
      Exports exports = exports(model, "dora");
      assertThatThrownBy(() -> exports.ggufLora(output, GgmlType.F32))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("expected a LoRA adapter")
          .hasMessageContaining("found DoRA")
          .hasMessageContaining("export the merged model as gguf");
    }
    assertThat(folder).isEmptyDirectory();
  }
}
