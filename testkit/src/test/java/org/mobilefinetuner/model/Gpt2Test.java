package org.mobilefinetuner.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.autograd.Gradients;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.ops.KvCache;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.TinyModels;
import org.mobilefinetuner.train.SegmentedBackprop;

class Gpt2Test {
  private static final Kernels KERNELS = new ScalarKernels();

  private static JsonObject config() {
    return TinyModels.gpt2(29, 12, 8, 2, 2);
  }

  @Test
  void readsItsSizes() throws IOException {
    Model model = Models.of(config(), Format.F32, 0.1f);
    assertThat(model)
        .isEqualTo(new Gpt2(new Gpt2Sizes(29, 12, 8, 2, 2, 32, 1e-5f, true, false, 0.02f), 0.1f));
    assertThat(model.type()).isEqualTo("gpt2");
    assertThat(model.segments())
        .extracting(Segment::name)
        .containsExactly("transformer", "transformer.h.0", "transformer.h.1", "");
    assertThat(model.parameters())
        .isEqualTo(
            29 * 8
                + 12 * 8
                + 2 * (4 * 8 + 8 * 24 + 24 + 8 * 8 + 8 + 8 * 32 + 32 + 32 * 8 + 8)
                + 2 * 8);
    assertThat(model.defaultTargets()).containsExactly("c_attn");
  }

  @Test
  void readsWhatIsSetOtherwise() throws IOException {
    JsonObject config =
        config()
            .put("n_inner", 20L)
            .put("layer_norm_epsilon", 1e-3)
            .put("tie_word_embeddings", false)
            .put("scale_attn_by_inverse_layer_idx", true)
            .put("initializer_range", 0.1);
    assertThat(Models.of(config))
        .isEqualTo(new Gpt2(new Gpt2Sizes(29, 12, 8, 2, 2, 20, 1e-3f, false, true, 0.1f), 0));
    assertThat(Models.of(config).weights()).extracting(WeightSpec::name).contains("lm_head.weight");
  }

  /** An old file names the positions n_ctx alone. */
  @Test
  void readsThePositionsByTheirOldName() throws IOException {
    JsonObject config = config().put("n_positions", null).put("n_ctx", 40L);
    assertThat(Models.of(config).positions()).isEqualTo(40);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                     | expected a string as \"model_type\", found"
            + " nothing",
        "{\"model_type\": \"mamba\"}            | expected one of [",
        "{\"n_head\": 3}                        | expected n_embd to be a multiple of n_head, found"
            + " 8 and 3",
        "{\"n_head\": 0}             | from 1 to 134217728 as \"n_head\", found 0",
        "{\"n_embd\": 0}             | from 1 to 134217728 as \"n_embd\", found 0",
        "{\"n_layer\": 0}            | expected a whole number from 1 to 10000 as \"n_layer\", found 0",
        "{\"n_layer\": 2147483648}   | from 1 to 10000 as \"n_layer\", found 2147483648",
        "{\"n_layer\": 2147483647}   | from 1 to 10000 as \"n_layer\", found 2147483647",
        "{\"n_layer\": 99999999999999999999} | \"n_layer\", found 99999999999999999999",
        "{\"vocab_size\": -5}        | from 1 to 134217728 as \"vocab_size\", found -5",
        "{\"n_inner\": 2000000000}   | from 1 to 134217728 as \"n_inner\", found 2000000000",
        "{\"n_embd\": \"8\"}         | as \"n_embd\", found \"8\"",
        "{\"vocab_size\": null}      | as \"vocab_size\", found nothing",
        "{\"layer_norm_epsilon\": -1e-5} | expected layer_norm_epsilon between 0 and 1",
        "{\"layer_norm_epsilon\": 0} | and initializer_range of at least 0, found 0.0 and 0.02; correct",
        "{\"initializer_range\": -1} | found 1.0E-5 and -1.0; correct the file",
        "{\"activation_function\": \"relu\"} | expected gelu_new as \"activation_function\", found \"relu\"",
        "{\"scale_attn_weights\": false} | as \"scale_attn_weights\", found false"
      })
  void refusesWhatItCannotBe(String change, String reason) throws IOException {
    JsonObject config = change.equals("{}") ? JsonObject.empty() : config();
    JsonObject changes = JsonObject.parse("changes", change);
    changes.keys().forEach(key -> config.put(key, changes.get(key)));
    assertThatThrownBy(() -> Models.of(config))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void projectionsHaveTheirLayout() throws IOException {
    for (WeightSpec spec : Models.of(config()).weights()) {
      boolean projection = spec.name().contains(".c_") && spec.name().endsWith(".weight");
      assertThat(spec.layout()).isEqualTo(projection ? Layout.IN_OUT : null);
      if (spec.name().endsWith("mlp.c_fc.weight")) {
        assertThat(spec.in()).isEqualTo(8);
        assertThat(spec.out()).isEqualTo(32);
        assertThat(spec.site() + ".weight").isEqualTo(spec.name());
      }
    }
  }

  /** Attention of the second block is scaled down further, and nothing else changes. */
  @Test
  void scalesAttentionByLayerIfAsked() throws IOException {
    Model plain = Models.of(config());
    Model scaled = Models.of(config().put("scale_attn_by_inverse_layer_idx", true));
    Map<String, Tensor> weights = TinyModels.weights(plain, 3);
    int[] ids = {1, 2, 3, 4};
    Tensor first = logits(plain, weights, null, ids);
    Tensor second = logits(scaled, weights, null, ids);
    assertThat(second.data()).isNotEqualTo(first.data());
    Tensor q = requireNonNull(weights.get("transformer.h.1.attn.c_attn.weight"));
    for (int row = 0; row < 8; row++) {
      for (int col = 0; col < 8; col++) {
        q.data()[24 * row + col] /= 2;
      }
    }
    Tensor bias = requireNonNull(weights.get("transformer.h.1.attn.c_attn.bias"));
    for (int col = 0; col < 8; col++) {
      bias.data()[col] /= 2;
    }
    assertThat(logits(plain, weights, null, ids).data())
        .containsExactly(second.data(), within(1e-5f));
  }

  /** A head of its own gets its own gradient, and the embedding keeps only its lookups'. */
  @Test
  void anUntiedHeadHasItsOwnGradient() throws IOException {
    Model tied = Models.of(config());
    Model untied = Models.of(config().put("tie_word_embeddings", false));
    Map<String, Tensor> weights = TinyModels.weights(untied, 3);
    weights.put("lm_head.weight", requireNonNull(weights.get("transformer.wte.weight")));
    LoadedWeights two = LoadedWeights.trainable(untied, TinyModels.source(weights));
    LoadedWeights one = LoadedWeights.trainable(tied, TinyModels.source(weights));
    Gradients ofTwo = gradients(two);
    Gradients ofOne = gradients(one);
    Tensor head = requireNonNull(ofTwo.of((Parameter) two.get("lm_head.weight")));
    Tensor lookups = requireNonNull(ofTwo.of((Parameter) two.get("transformer.wte.weight")));
    Tensor both = requireNonNull(ofOne.of((Parameter) one.get("transformer.wte.weight")));
    for (int i = 0; i < both.size(); i++) {
      assertThat(both.data()[i]).isCloseTo(head.data()[i] + lookups.data()[i], within(1e-6f));
    }
    for (int id = 0; id < 29; id++) { // 7 is looked up as well, but predicts nothing
      assertThat(lookups.data()[8 * id] != 0).isEqualTo(id == 5 || id == 6);
    }
  }

  private static Gradients gradients(LoadedWeights weights) {
    Gradients gradients = new Gradients(weights.parameters());
    int[] ids = {5, 6, 7};
    new SegmentedBackprop(
            weights.model(), weights, 0, KERNELS, Arena.unbounded(), SegmentedBackprop.Keep.INPUT)
        .step(Batch.of(List.of(new Batch.Sequence(0, ids, ids)), 1), gradients);
    return gradients;
  }

  /** A cache gives what the whole sequence at once gives, in pieces of any length. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void aCacheContinuesASequence(int piece) throws IOException {
    Model model = Models.of(config());
    Map<String, Tensor> weights = TinyModels.weights(model, 3);
    int[] ids = {3, 1, 4, 1, 5, 9, 2};
    Tensor whole = logits(model, weights, null, ids);
    KvCache cache = model.cache(ids.length);
    for (int at = 0; at < ids.length; at += piece) {
      int[] some = java.util.Arrays.copyOfRange(ids, at, Math.min(ids.length, at + piece));
      Tensor logits = logits(model, weights, cache, some);
      cache.advance(some.length);
      for (int i = 0; i < logits.size(); i++) {
        assertThat(logits.data()[i]).isCloseTo(whole.data()[29 * at + i], within(1e-5f));
      }
    }
    assertThatThrownBy(() -> logits(model, weights, cache, new int[] {1}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("expected at most 7 tokens, found 8");
    cache.truncate(3);
    Tensor again = logits(model, weights, cache, new int[] {1});
    assertThat(again.data()[0]).isCloseTo(whole.data()[29 * 3], within(1e-5f));
  }

  private static Tensor logits(
      Model model, Map<String, Tensor> weights, @Nullable KvCache cache, int[] ids)
      throws IOException {
    LoadedWeights loaded = LoadedWeights.frozen(model, TinyModels.source(weights));
    return new ForwardPass(model, loaded, KERNELS, Arena.poisoned())
        .logits(Batch.reading(ids, cache));
  }
}
