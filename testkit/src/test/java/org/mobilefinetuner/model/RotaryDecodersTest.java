package org.mobilefinetuner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.ops.KvCache;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.Resources;
import org.mobilefinetuner.testkit.TinyModels;

/** Qwen2, Llama and Gemma 3: what config.json can say, and the cache of windowed layers. */
class RotaryDecodersTest {
  private static final Kernels KERNELS = new ScalarKernels();

  private static JsonObject config(String name) throws IOException {
    return JsonObject.read(Resources.find("golden/" + name + "/config.json"));
  }

  private static List<Integer> windows(JsonObject config) throws IOException {
    return Models.of(config).attention().stream()
        .map(a -> a.window() == AttentionShape.UNLIMITED ? 0 : a.window())
        .toList();
  }

  @Test
  void qwen2HasWindowsOnlyWhereTheyAreEnabled() throws IOException {
    assertThat(windows(config("tiny-qwen2"))).containsExactly(0, 5);
    assertThat(windows(config("tiny-qwen2").put("max_window_layers", 0L))).containsExactly(5, 5);
    assertThat(windows(config("tiny-qwen2").put("use_sliding_window", false)))
        .containsExactly(0, 0);
    JsonObject listed =
        config("tiny-qwen2").put("layer_types", List.of("sliding_attention", "full_attention"));
    assertThat(windows(listed)).containsExactly(5, 0);
  }

  @Test
  void gemma3HasWindowsByListOrByPattern() throws IOException {
    assertThat(windows(config("tiny-gemma3"))).containsExactly(4, 0, 4);
    JsonObject plain = config("tiny-gemma3").put("sliding_window_pattern", null);
    assertThat(windows(plain)).containsExactly(4, 4, 4);
    JsonObject listed =
        plain.put("layer_types", List.of("full_attention", "sliding_attention", "full_attention"));
    assertThat(windows(listed)).containsExactly(0, 4, 0);
  }

  /** √640 is 25.298, and 25.25 in bfloat16. */
  @Test
  void gemma3RoundsTheFactorOfItsEmbeddingAsItsFileDoes() throws IOException {
    JsonObject config = config("tiny-gemma3").put("hidden_size", 640L);
    assertThat(((Gemma3) Models.of(config, Format.BF16, 0)).embeddingScale()).isEqualTo(25.25f);
    assertThat(((Gemma3) Models.of(config)).embeddingScale()).isCloseTo(25.298f, within(1e-3f));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tiny-qwen2  | {\"hidden_act\": \"gelu\"}          | expected silu as \"hidden_act\", found \"gelu\"",
        "tiny-qwen2  | {\"num_key_value_heads\": 4}        | a multiple of num_key_value_heads, found"
            + " 6 and 4",
        "tiny-qwen2  | {\"num_attention_heads\": 0}        | as"
            + " \"num_attention_heads\", found 0",
        "tiny-qwen2  | {\"num_hidden_layers\": 2147483647} | from 1 to 10000 as \"num_hidden_layers\"",
        "tiny-qwen2  | {\"rms_norm_eps\": -1}              | expected rms_norm_eps from 0 to 1",
        "tiny-qwen2  | {\"head_dim\": 5}                   | expected an even head_dim",
        "tiny-qwen2  | {\"layer_types\": [\"x\"]}          | expected 2 layer_types, found 1",
        "tiny-qwen2  | {\"layer_types\": [\"x\", \"y\"]}   | full_attention and sliding_attention,"
            + " found x",
        "tiny-llama  | {\"rope_scaling\": {\"rope_type\": \"yarn\"}} | default, linear or llama3,"
            + " found \"yarn\"",
        "tiny-llama  | {\"rope_scaling\": {\"type\": \"linear\", \"factor\": 0}} | expected factor"
            + " above 0, found 0.0",
        "tiny-llama  | {\"rope_theta\": 0.5}               | expected rope_theta above 1",
        "tiny-llama  | {\"vocab_size\": null}              | as \"vocab_size\", found" + " nothing",
        "tiny-gemma3 | {\"final_logit_softcapping\": 30.0} | expected no final_logit_softcapping,"
            + " found 30.0",
        "tiny-gemma3 | {\"attention_bias\": true}          | expected no attention_bias",
        "tiny-gemma3 | {\"hidden_activation\": \"relu\"}   | gelu_pytorch_tanh as",
        "tiny-gemma3 | {\"model_type\": \"gemma3\"}        | save the language part of a model"
      })
  void refusesWhatItCannotBe(String model, String change, String reason) throws IOException {
    JsonObject config = config(model);
    JsonObject changes = JsonObject.parse("changes", change);
    changes.keys().forEach(key -> config.put(key, changes.get(key)));
    assertThatThrownBy(() -> Models.of(config))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void refusesDropoutWhereTheModelHasNone() throws IOException {
    JsonObject config = config("tiny-qwen2");
    assertThatThrownBy(() -> Models.of(config, Format.F32, 0.1f))
        .hasMessage("expected a dropout of 0, because qwen2 has none, found 0.1");
  }

  /** Longer than a windowed layer holds: it drops what no token sees any more. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny-qwen2", "tiny-llama", "tiny-gemma3"})
  void aCacheContinuesALongSequence(String name) throws IOException {
    Model model = Models.of(config(name).put("max_position_embeddings", 700L));
    Map<String, Tensor> weights = TinyModels.weights(model, 3);
    int[] ids = new int[600];
    Arrays.setAll(ids, i -> i * 7 % 41);
    Tensor whole = logits(model, weights, null, ids);
    int vocabulary = model.vocabulary();
    KvCache cache = model.cache(ids.length);
    int[] pieces = {300, 1, 1, 100, 90, 1, 107};
    int at = 0;
    for (int piece : pieces) {
      Tensor logits = logits(model, weights, cache, Arrays.copyOfRange(ids, at, at + piece));
      cache.advance(piece);
      for (int i = 0; i < logits.size(); i++) {
        assertThat(logits.data()[i]).isCloseTo(whole.data()[vocabulary * at + i], within(1e-4f));
      }
      at += piece;
    }
    assertThat(at).isEqualTo(ids.length);
  }

  @Test
  void aCacheThatDroppedTokensCannotGoBackToThem() throws IOException {
    Model model = Models.of(config("tiny-gemma3").put("max_position_embeddings", 700L));
    Map<String, Tensor> weights = TinyModels.weights(model, 3);
    KvCache cache = model.cache(700);
    int[] ids = new int[300];
    logits(model, weights, cache, ids);
    cache.advance(300);
    logits(model, weights, cache, new int[301]); // more than the windowed layers have room for
    cache.advance(301);
    cache.truncate(300);
    assertThatThrownBy(() -> cache.truncate(299))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("found 299");
  }

  private static Tensor logits(
      Model model, Map<String, Tensor> weights, @Nullable KvCache cache, int[] ids)
      throws IOException {
    LoadedWeights loaded = LoadedWeights.frozen(model, TinyModels.source(weights));
    return new ForwardPass(model, loaded, KERNELS, Arena.unbounded())
        .logits(Batch.reading(ids, cache));
  }
}
