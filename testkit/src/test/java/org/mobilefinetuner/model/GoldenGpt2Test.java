package org.mobilefinetuner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.eval.GoldenCheck;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.testkit.Golden;
import org.mobilefinetuner.testkit.Resources;
import org.mobilefinetuner.testkit.SharedData;

/** GPT-2 against transformers and PEFT; each row is model, adapter or nothing, golden file. */
class GoldenGpt2Test {
  @ParameterizedTest
  @CsvSource({
    ".,, golden_forward_backward",
    "bf16,, bf16/golden_forward_backward",
    "f16-published-layout,, f16-published-layout/golden_forward_backward",
    "., adapter, golden_lora",
    "., adapter_dora, golden_dora"
  })
  void matchesTransformers(String model, @Nullable String adapter, String golden)
      throws IOException {
    check(Resources.find("golden/tiny-gpt2"), model, adapter, golden);
  }

  @ParameterizedTest
  @CsvSource({
    ".,, golden_forward_backward",
    "bf16,, bf16/golden_forward_backward",
    "f16,, f16/golden_forward_backward",
    "published-layout,, golden_forward_backward",
    "., adapter, golden_lora"
  })
  void matchesTheSharedGoldens(String model, @Nullable String adapter, String golden)
      throws IOException {
    Path folder = SharedData.find("golden-numerics/tiny-gpt2");
    assumeTrue(folder != null, "needs ../shared/data/golden-numerics");
    check(folder, model, adapter, golden);
  }

  private static void check(Path folder, String model, @Nullable String adapter, String golden)
      throws IOException {
    GoldenCheck.Report report =
        Golden.check(
            folder.resolve(model),
            adapter == null ? null : folder.resolve(adapter),
            folder.resolve(golden + ".safetensors"),
            new ScalarKernels());
    System.out.println(model + " " + golden + "\n" + Golden.table(report));
    assertThat(report.rows())
        .extracting(GoldenCheck.Row::quantity)
        .contains("logits", "token_nll", "loss");
  }

  /** Every weight of the model has its gradient in the file, and the other way round. */
  @Test
  void everyGradientIsCompared() throws IOException {
    Path folder = Resources.find("golden/tiny-gpt2");
    GoldenCheck.Report report =
        Golden.check(
            folder,
            null,
            folder.resolve("golden_forward_backward.safetensors"),
            new ScalarKernels());
    assertThat(report.count(GoldenCheck.Verdict.NOT_IN_FILE)).isZero();
    assertThat(report.rows())
        .extracting(GoldenCheck.Row::quantity)
        .filteredOn(name -> name.startsWith("grad."))
        .hasSize(2 + 2 * 12 + 2);
    assertThat(report.rows())
        .extracting(GoldenCheck.Row::quantity)
        .contains("hidden.0", "hidden.1", "hidden.2");
  }
}
