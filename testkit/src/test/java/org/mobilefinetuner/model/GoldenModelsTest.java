package org.mobilefinetuner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.eval.GoldenCheck;
import org.mobilefinetuner.generate.Generator;
import org.mobilefinetuner.generate.Sampling;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.testkit.Golden;
import org.mobilefinetuner.testkit.Resources;
import org.mobilefinetuner.testkit.SharedData;

/** Every architecture against transformers and PEFT: logits, losses, all gradients, greedy text. */
class GoldenModelsTest {
  /** Model, adapter or nothing, golden file. */
  @ParameterizedTest
  @CsvSource({
    "tiny-qwen2,, golden_forward_backward",
    "tiny-qwen2, adapter, golden_lora",
    "tiny-qwen2, adapter_dora, golden_dora",
    "tiny-qwen2, adapter_rslora, golden_rslora",
    "tiny-llama,, golden_forward_backward",
    "tiny-llama, adapter, golden_lora",
    "tiny-gemma3,, golden_forward_backward",
    "tiny-gemma3, adapter, golden_lora",
    "tiny-gemma3/bf16,, golden_forward_backward"
  })
  void matchesTransformers(String model, @Nullable String adapter, String golden)
      throws IOException {
    GoldenCheck.Report report = check(Resources.find("golden/" + model), adapter, golden);
    if (adapter == null && !model.contains("/")) {
      assertThat(report.count(GoldenCheck.Verdict.NOT_IN_FILE)).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "tiny-qwen2,, golden_forward_backward",
    "tiny-qwen2, adapter, golden_lora",
    "tiny-qwen2/bf16,, golden_forward_backward",
    "tiny-qwen2/f16,, golden_forward_backward",
    "tiny-qwen2/sharded,, ../golden_forward_backward",
    "tiny-gemma3,, golden_forward_backward",
    "tiny-gemma3, adapter, golden_lora",
    "tiny-gemma3/bf16,, golden_forward_backward",
    "tiny-gemma3/f16,, golden_forward_backward",
    "tiny-llama,, golden_forward_backward",
    "tiny-llama, adapter, golden_lora",
    "tiny-llama-rope-llama3,, golden_forward_backward",
    "tiny-llama-rope-llama3, adapter, golden_lora",
    "tiny-llama-rope-linear,, golden_forward_backward",
    "tiny-llama-rope-linear, adapter, golden_lora"
  })
  void matchesTheSharedGoldens(String model, @Nullable String adapter, String golden)
      throws IOException {
    check(shared(model), adapter, golden);
  }

  private static Path shared(String model) throws IOException {
    Path folder = SharedData.find("golden-numerics/" + model);
    assumeTrue(folder != null, "needs ../shared/data/golden-numerics");
    return folder;
  }

  private static GoldenCheck.Report check(Path model, @Nullable String adapter, String golden)
      throws IOException {
    GoldenCheck.Report report =
        Golden.check(
            model,
            adapter == null ? null : model.resolve(adapter),
            model.resolve(golden + ".safetensors"),
            new ScalarKernels());
    assertThat(report.rows())
        .extracting(GoldenCheck.Row::quantity)
        .contains("logits", "token_nll", "loss");
    return report;
  }

  /** config.json as transformers 4 spells it, and as transformers 5 does, are one model. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny-gpt2", "tiny-qwen2", "tiny-llama", "tiny-gemma3"})
  void bothSpellingsOfAConfigurationAreOneModel(String model) throws IOException {
    Path folder = Resources.find("golden/" + model);
    assertThat(Models.of(JsonObject.read(folder.resolve("config.v5.json"))))
        .isEqualTo(Models.of(JsonObject.read(folder.resolve("config.json"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tiny-qwen2",
        "tiny-gemma3",
        "tiny-llama",
        "tiny-llama-rope-llama3",
        "tiny-llama-rope-linear"
      })
  void bothSpellingsOfTheSharedConfigurationsAreOneModel(String model) throws IOException {
    Path folder = shared(model);
    assertThat(Models.of(JsonObject.read(folder.resolve("config.v5.json"))))
        .isEqualTo(Models.of(JsonObject.read(folder.resolve("config.json"))));
  }

  /** The most likely tokens, one by one through the cache. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny-gpt2", "tiny-qwen2", "tiny-llama", "tiny-gemma3"})
  void continuesAsTransformersDoes(String model) throws IOException {
    assertGreedy(Resources.find("golden/" + model));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tiny-gpt2",
        "tiny-qwen2",
        "tiny-gemma3",
        "tiny-llama",
        "tiny-llama-rope-llama3",
        "tiny-llama-rope-linear"
      })
  void continuesAsTheSharedGoldensDo(String model) throws IOException {
    assertGreedy(shared(model));
  }

  private static void assertGreedy(Path folder) throws IOException {
    int[] wanted =
        JsonObject.read(folder.resolve("golden.json")).integers("greedy_from_first_6_of_row_0");
    try (ModelFolder model = ModelFolder.open(folder)) {
      var generator =
          new Generator(model.model(), model.frozen(), new ScalarKernels(), Arena.unbounded());
      int[] prompt = Arrays.copyOf(wanted, 6);
      Generator.Result result =
          generator.generate(prompt, wanted.length - 6, Sampling.greedy(), new int[0], token -> {});
      assertThat(IntStream.concat(Arrays.stream(prompt), Arrays.stream(result.tokens())))
          .containsExactly(Arrays.stream(wanted).boxed().toArray(Integer[]::new));
    }
  }

  /** What is written has the names, shapes and configuration with which it was read. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny-qwen2", "tiny-llama", "tiny-gemma3"})
  void aWrittenModelIsTheSame(String name, @TempDir Path temp) throws IOException {
    Path folder = Resources.find("golden/" + name);
    try (ModelFolder model = ModelFolder.open(folder)) {
      model.write(temp.resolve("copy"), model.trainable(), Format.F32);
    }
    Files.copy(
        folder.resolve("golden_forward_backward.safetensors"),
        temp.resolve("copy/golden.safetensors"));
    check(temp.resolve("copy"), null, "golden");
  }
}
