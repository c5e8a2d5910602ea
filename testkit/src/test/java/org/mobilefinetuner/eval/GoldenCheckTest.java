package org.mobilefinetuner.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.adapter.PeftFolder;
import org.mobilefinetuner.eval.GoldenCheck.Report;
import org.mobilefinetuner.eval.GoldenCheck.Row;
import org.mobilefinetuner.eval.GoldenCheck.Verdict;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.RawSafetensors;
import org.mobilefinetuner.io.Safetensors;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.Golden;
import org.mobilefinetuner.testkit.Resources;

/** The comparison finds what is wrong, with model and file, and says what it could not compare. */
class GoldenCheckTest {
  @TempDir Path folder;

  private Path model;
  private Path golden;

  @BeforeEach
  void find() throws IOException {
    model = Resources.find("golden/tiny-gpt2");
    golden = model.resolve("golden_forward_backward.safetensors");
  }

  private static Report run(LoadedWeights weights, Path golden) throws IOException {
    try (Safetensors file = Safetensors.open(golden)) {
      return GoldenCheck.run(weights, file, new ScalarKernels());
    }
  }

  private LoadedWeights trainable() throws IOException {
    try (ModelFolder opened = ModelFolder.open(model)) {
      return opened.trainable();
    }
  }

  /**
   * A thousandth of one of 32 gains, in the last norm: all that depends on it fails, and only it.
   */
  @Test
  void findsASmallErrorInOneWeight() throws IOException {
    LoadedWeights weights = trainable();
    Tensor gain = weights.get("transformer.ln_f.weight").vector();
    gain.data()[3] *= 1.001f;
    Report report = run(weights, golden);
    assertThat(report.passed()).isFalse();
    assertThat(verdicts(report, Verdict.FAIL)).contains("logits", "hidden.2", "token_nll");
    assertThat(verdicts(report, Verdict.PASS)).contains("hidden.0", "hidden.1");
    assertThatThrownBy(() -> Golden.check(model.resolve("bf16"), null, golden, new ScalarKernels()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("grad.transformer.h.0.attn.c_attn.weight")
        .hasMessageContaining("fail");
  }

  /** Every tensor of the file counts: a change of any one of them turns its row red. */
  @Test
  void findsAnErrorInEveryTensorOfTheFile() throws IOException {
    LoadedWeights weights = trainable();
    List<String> names;
    try (Safetensors file = Safetensors.open(golden)) {
      names = new ArrayList<>(file.names());
    }
    names.removeIf(name -> List.of("input_ids", "attention_mask", "labels").contains(name));
    assertThat(names).hasSize(30 + 3 + 2 - 2);
    for (String name : names) {
      Path changed = folder.resolve("changed.safetensors");
      RawSafetensors.write(changed, RawSafetensors.header(golden), scaled(name, 1.001f));
      Report report = run(weights, changed);
      List<String> failed = verdicts(report, Verdict.FAIL);
      if (name.equals("token_nll")) {
        assertThat(failed).containsExactly("token_nll", "loss");
      } else {
        assertThat(failed).containsExactly(name);
      }
    }
  }

  @Test
  void namesMayHaveAPrefixOrNone() throws IOException {
    for (String prefix :
        List.of("grad.", "grad.base_model.model.transformer.", "grad.base_model.model.")) {
      Path renamed = renamed(header -> header.replace("grad.transformer.", prefix));
      Report report = run(trainable(), renamed);
      assertThat(report.passed()).as(prefix).isTrue();
      assertThat(report.count(Verdict.NOT_IN_FILE)).isZero();
      assertThat(report.rows()).extracting(Row::quantity).contains("grad.transformer.wte.weight");
    }
  }

  @Test
  void listsWhatTheFileLacks() throws IOException {
    Path renamed =
        renamed(
            header ->
                header
                    .replace("hidden.1", "other.1")
                    .replace("grad.transformer.wpe.weight", "other.wpe")
                    .replace("\"logits\"", "\"unused\""));
    Report report = run(trainable(), renamed);
    assertThat(report.passed()).isTrue();
    assertThat(verdicts(report, Verdict.NOT_IN_FILE))
        .containsExactly("logits", "hidden.1", "grad.transformer.wpe.weight");
    assertThat(row(report, "logits").maxError()).isNaN();
    assertThat(row(report, "logits").verdict()).hasToString("not in file");
  }

  /** Otherwise a file of a larger model could pass. */
  @Test
  void failsOnWhatTheModelDoesNotCompute() throws IOException {
    Report report =
        run(
            trainable(),
            renamed(
                header ->
                    header
                        .replace("hidden.2", "hidden.7")
                        .replace(
                            "grad.transformer.h.1.ln_1.bias", "grad.transformer.h.9.ln_1.bias")));
    assertThat(report.passed()).isFalse();
    assertThat(verdicts(report, Verdict.FAIL))
        .containsExactly("hidden.7", "grad.transformer.h.9.ln_1.bias");
    assertThat(verdicts(report, Verdict.NOT_IN_FILE))
        .containsExactly("hidden.2", "grad.transformer.h.1.ln_1.bias");
  }

  /** A base without its adapter is not what the adapter's golden file describes. */
  @Test
  void failsWithoutTheAdapter() throws IOException {
    Report report = run(trainable(), model.resolve("golden_lora.safetensors"));
    assertThat(report.passed()).isFalse();
    assertThat(verdicts(report, Verdict.FAIL))
        .contains("logits", "grad.transformer.h.0.attn.c_attn.lora_A.weight");
  }

  @Test
  void adaptersAreComparedWithoutTheirDropout() throws IOException {
    try (ModelFolder opened = ModelFolder.open(model)) {
      LoadedWeights weights = opened.frozen();
      PeftFolder.read(model.resolve("adapter"), ModelFolder.sites(opened.model()))
          .forEach(
              (site, lora) ->
                  weights.adapt(
                      site,
                      new org.mobilefinetuner.adapter.Lora(
                          lora.lora().a(), lora.lora().b(), lora.lora().scale(), 0.5f)));
      assertThat(run(weights, model.resolve("golden_lora.safetensors")).passed()).isTrue();
    }
  }

  /** With nothing trainable the values are compared and the file's gradients are not computed. */
  @Test
  void frozenWeightsHaveNoGradients() throws IOException {
    try (ModelFolder opened = ModelFolder.open(model)) {
      Report report = run(opened.frozen(), golden);
      assertThat(row(report, "token_nll").verdict()).isEqualTo(Verdict.PASS);
      assertThat(report.passed()).isFalse();
      assertThat(verdicts(report, Verdict.FAIL)).hasSize(28);
    }
  }

  @Test
  void failsWhenNothingIsCompared() throws IOException {
    Report report =
        run(
            trainable(),
            renamed(
                header ->
                    header
                        .replace("logits", "x")
                        .replace("hidden.", "y.")
                        .replace("token_nll", "z")
                        .replace("grad.", "other.")));
    assertThat(report.count(Verdict.FAIL)).isZero();
    assertThat(report.count(Verdict.PASS)).isZero();
    assertThat(report.passed()).isFalse();
  }

  @Test
  void notANumberFails() throws IOException {
    LoadedWeights weights = trainable();
    weights.get("transformer.ln_f.bias").vector().data()[0] = Float.NaN;
    Report report = run(weights, golden);
    assertThat(row(report, "logits").maxError()).isNaN();
    assertThat(row(report, "logits").verdict()).isEqualTo(Verdict.FAIL);
    assertThat(row(report, "loss").verdict()).isEqualTo(Verdict.FAIL);
    assertThat(row(report, "grad.transformer.wte.weight").verdict()).isEqualTo(Verdict.FAIL);
  }

  @Test
  void refusesAFileWithoutTokens() throws IOException {
    Path none = renamed(header -> header.replace("input_ids", "inputs"));
    assertThatThrownBy(() -> run(trainable(), none))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("expected a tensor input_ids, found [attention_mask");
  }

  @ParameterizedTest
  @ValueSource(strings = {"logits", "hidden.1", "grad.transformer.wpe.weight"})
  void refusesShapesOfAnotherModel(String name) throws IOException {
    Path other =
        renamed(
            header ->
                header.replaceAll(
                    "(\"" + name + "\":\\{\"dtype\":\"F32\",\"shape\":\\[)([^\\]]*)", "$11,$2"));
    assertThatThrownBy(() -> run(trainable(), other))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(name + ": expected [")
        .hasMessageContaining("the file has [1, ")
        .hasMessageContaining("is it from another model?");
  }

  private static List<String> verdicts(Report report, Verdict verdict) {
    return report.rows().stream()
        .filter(row -> row.verdict() == verdict)
        .map(Row::quantity)
        .toList();
  }

  private static Row row(Report report, String quantity) {
    return report.rows().stream()
        .filter(row -> row.quantity().equals(quantity))
        .findFirst()
        .orElseThrow();
  }

  private Path renamed(UnaryOperator<String> change) throws IOException {
    String header = RawSafetensors.header(golden);
    String changed = change.apply(header);
    assertThat(changed).isNotEqualTo(header);
    return RawSafetensors.write(
        folder.resolve("renamed.safetensors"), changed, RawSafetensors.data(golden));
  }

  /** The data of the golden file with one tensor scaled. */
  private byte[] scaled(String name, float factor) throws IOException {
    byte[] data = RawSafetensors.data(golden);
    List<?> offsets =
        JsonObject.parse("header", RawSafetensors.header(golden)).object(name).list("data_offsets");
    ByteBuffer bytes = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = ((Long) offsets.get(0)).intValue(); at < (Long) offsets.get(1); at += 4) {
      bytes.putFloat(at, bytes.getFloat(at) * factor);
    }
    return data;
  }
}
