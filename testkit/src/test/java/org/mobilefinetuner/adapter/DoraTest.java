package org.mobilefinetuner.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.ops.Layout;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.GradCheck;

class DoraTest extends LowRankContract {
  DoraTest() {
    super(false);
  }

  @Override
  LowRankAdapter on(Lora lora, Site site, Tensor weight) {
    return Dora.init(site.name(), lora, new ScalarKernels(), weight, site.layout());
  }

  /** The norms are constants: the gradients are checked with norms that stay what they are. */
  @ParameterizedTest
  @CsvSource({"OUT_IN, 0", "IN_OUT, 0", "OUT_IN, 0.4", "IN_OUT, 0.4"})
  void hasTheGradientsOfItsForwardPass(Layout layout, float dropout) {
    Tensor norms = Tensor.of(new float[] {1, 3, 0.5f, 2}, 4);
    new GradCheck()
        .input("x", 5, 6)
        .weight("w", layout == Layout.OUT_IN ? new int[] {4, 6} : new int[] {6, 4})
        .weight("bias", 4)
        .parameter("a", 2, 6)
        .parameter("b", 4, 2)
        .parameter("m", 4)
        .check(
            (tape, o) -> {
              Lora lora = new Lora(o.parameter("a"), o.parameter("b"), 1.5f, dropout);
              Dora dora = new Dora(lora, o.parameter("m"));
              Projection base = new Projection(o.weight("w"), layout, o.weight("bias"), dora);
              return dora.apply(tape, base, o.input("x"), norms);
            });
  }

  /** Rows 3, 4 and 0 long: a row of zeros must not become NaN. */
  @ParameterizedTest
  @EnumSource(Layout.class)
  void magnitudesAreTheNormsOfTheRows(Layout layout) {
    Tensor w =
        layout == Layout.OUT_IN
            ? Tensor.of(new float[] {1, 2, 2, 0, 0, -4, 0, 0, 0}, 3, 3)
            : Tensor.of(new float[] {1, 0, 0, 2, 0, 0, 2, -4, 0}, 3, 3);
    Lora lora = Lora.init("h.0", 3, 3, 2, 1, 0, 7);
    Dora dora = Dora.init("h.0", lora, new ScalarKernels(), w, layout);
    assertThat(dora.magnitude().name()).isEqualTo("base_model.model.h.0.lora_magnitude_vector");
    float[] lengths = dora.magnitude().value().data();
    assertThat(lengths[0]).isEqualTo(3);
    assertThat(lengths[1]).isEqualTo(4);
    assertThat(lengths[2]).isCloseTo(0, within(1e-15f));
    Tensor merged = Tensor.zeros(3, 3).copyFrom(w);
    dora.merge(new ScalarKernels(), layout, merged);
    assertThat(merged.data()).isEqualTo(w.data());
  }

  /** Whatever A and B are, merged rows are as long as their magnitudes say. */
  @Test
  void aMergedRowHasItsMagnitude() {
    Lora lora = Lora.init("h.0", 3, 2, 2, 4, 0, 7);
    lora.b().value().fill(0.75f);
    Dora dora = new Dora(lora, new Parameter("m", Tensor.of(new float[] {5, 0.25f}, 2)));
    Tensor w = Tensor.of(new float[] {1, 2, 3, -4, 5, -6}, 2, 3);
    dora.merge(new ScalarKernels(), Layout.OUT_IN, w);
    assertThat(new ScalarKernels().squaredNorm(w.rows(0, 1))).isCloseTo(25, within(1e-4));
    assertThat(new ScalarKernels().squaredNorm(w.rows(1, 1))).isCloseTo(0.0625, within(1e-6));
  }

  @Test
  void refusesWhatDoesNotFit() {
    Lora lora = Lora.init("h.0", 3, 2, 2, 4, 0, 7);
    Parameter three = new Parameter("m", Tensor.zeros(3));
    assertThatThrownBy(() -> new Dora(lora, three)).hasMessageContaining("each row of B");
    Dora dora = new Dora(lora, new Parameter("m", Tensor.zeros(2)));
    Parameter trained = new Parameter("w", Tensor.zeros(2, 3));
    Projection base = new Projection(trained, Layout.OUT_IN, null, dora);
    try (Tape tape = Tape.off(Arena.unbounded(), new ScalarKernels())) {
      assertThatThrownBy(() -> base.apply(tape, Tensor.zeros(1, 3)))
          .hasMessageContaining("frozen weight");
    }
  }
}
