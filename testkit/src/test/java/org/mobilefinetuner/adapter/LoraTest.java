package org.mobilefinetuner.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.GradCheck;

class LoraTest extends LowRankContract {
  LoraTest() {
    super(false);
  }

  @Override
  LowRankAdapter on(Lora lora, Site site, Tensor weight) {
    return lora;
  }

  @ParameterizedTest
  @CsvSource({"OUT_IN, 0", "IN_OUT, 0", "OUT_IN, 0.4", "IN_OUT, 0.4"})
  void hasTheGradientsOfItsForwardPass(Layout layout, float dropout) {
    new GradCheck()
        .input("x", 5, 6)
        .weight("w", layout == Layout.OUT_IN ? new int[] {4, 6} : new int[] {6, 4})
        .weight("bias", 4)
        .parameter("a", 2, 6)
        .parameter("b", 4, 2)
        .check(
            (tape, o) -> {
              Lora lora = new Lora(o.parameter("a"), o.parameter("b"), 1.5f, dropout);
              return new Projection(o.weight("w"), layout, o.weight("bias"), lora)
                  .apply(tape, o.input("x"));
            });
  }

  @Test
  void isThatOfPeftAtItsInitialisation() {
    Lora lora = Lora.init("transformer.h.0.attn.c_attn", 64, 192, 16, 2, 0, 7);
    assertThat(lora.a().name())
        .isEqualTo("base_model.model.transformer.h.0.attn.c_attn.lora_A.weight");
    assertThat(lora.b().name())
        .isEqualTo("base_model.model.transformer.h.0.attn.c_attn.lora_B.weight");
    assertThat(lora.a().value().shape()).containsExactly(16, 64);
    assertThat(lora.b().value().shape()).containsExactly(192, 16);
    assertThat(lora.b().value().data()).containsOnly(0);
    double sum = 0;
    double squares = 0;
    for (float value : lora.a().value().data()) {
      assertThat(Math.abs(value)).isLessThanOrEqualTo(1 / 8f); // 1/√64
      sum += value;
      squares += value * value;
    }
    int n = lora.a().value().size();
    assertThat(sum / n).isBetween(-0.01, 0.01);
    assertThat(Math.sqrt(squares / n)).isBetween(0.068, 0.077); // uniform: (1/8)/√3 = 0.0722
    assertThat(Lora.init("other", 64, 192, 16, 2, 0, 7).a().value().data())
        .isNotEqualTo(lora.a().value().data());
    assertThat(Lora.init("transformer.h.0.attn.c_attn", 64, 192, 16, 2, 0, 8).a().value().data())
        .isNotEqualTo(lora.a().value().data());
  }

  @Test
  void refusesMatricesThatDoNotFit() {
    Parameter a = new Parameter("a", Tensor.zeros(3, 8));
    Parameter b = new Parameter("b", Tensor.zeros(5, 2));
    assertThatThrownBy(() -> new Lora(a, b, 1, 0)).hasMessageContaining("A [r, in] and B [out, r]");
    Parameter fits = new Parameter("b", Tensor.zeros(5, 3));
    assertThatThrownBy(() -> new Lora(a, fits, 1, 1)).hasMessageContaining("dropout");
    assertThatThrownBy(() -> new Lora(a, fits, 1, Float.NaN)).hasMessageContaining("dropout");
  }

  @Nested
  class RankStabilised extends LowRankContract {
    RankStabilised() {
      super(true);
    }

    @Override
    LowRankAdapter on(Lora lora, Site site, Tensor weight) {
      return lora;
    }

    @Test
    void dividesByTheRootOfTheRank() {
      assertThat(Lora.scale(8, 16, true)).isEqualTo(2);
      assertThat(Lora.scale(8, 16, false)).isEqualTo(0.5f);
      Lora lora = Lora.init("c_attn", 4, 4, 9, 2, 0, 7);
      assertThat(lora.alpha(true)).isEqualTo(6);
      assertThat(lora.alpha(false)).isEqualTo(18);
    }
  }
}
