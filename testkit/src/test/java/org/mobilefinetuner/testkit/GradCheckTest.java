package org.mobilefinetuner.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.tensor.Tensor;

/** The check itself can fail: one operation, y = 3·x·w element by element, with every mistake. */
class GradCheckTest {
  @Test
  void passesACorrectOperation() {
    assertThat(check((tape, o) -> product(tape, o, true, true, Mistake.NONE)))
        .hasToString("2 operands");
  }

  @Test
  void findsAWrongFactor() {
    fails(Mistake.FACTOR, "expected the slope");
  }

  @Test
  void findsOneWrongElement() {
    fails(Mistake.ONE_ELEMENT, "expected the slope");
  }

  @Test
  void findsAGradientThatIsMissing() {
    fails(Mistake.NO_GRADIENT, "x: expected a gradient, the operation gave it none");
  }

  @Test
  void findsAWeightGradientThatIsMissing() {
    fails(Mistake.NO_WEIGHT_GRADIENT, "w: expected a gradient, the operation gave it none");
  }

  @Test
  void findsAValueThatWasNotKept() {
    assertThatThrownBy(() -> check((tape, o) -> product(tape, o, false, true, Mistake.NONE)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("w: the gradient's element 0 is NaN");
  }

  @Test
  void findsAGradientThatIsAddedToBeforeItIsWritten() {
    fails(Mistake.ALWAYS_ADDS, "is NaN");
  }

  @Test
  void findsAGradientThatIsOverwritten() {
    fails(Mistake.ALWAYS_OVERWRITES, "applied twice: x");
  }

  @Test
  void findsAnOperationThatRecordsOnlyForItsInput() {
    assertThatThrownBy(() -> check((tape, o) -> product(tape, o, true, false, Mistake.NONE)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("need a gradient if, and only if, an operand does");
  }

  @Test
  void findsAnOperandWithoutInfluence() {
    assertThatThrownBy(
            () ->
                new GradCheck()
                    .input("x", 2, 3)
                    .check(
                        (tape, o) ->
                            tape.record(
                                tape.like(o.input("x")).fill(1),
                                tape.needs(o.input("x")),
                                dy -> tape.gradient(o.input("x"), (dx, beta) -> dx.fill(0)))))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("changes nothing");
  }

  @Test
  void namesAnOperandThatDoesNotExist() {
    assertThatThrownBy(() -> new GradCheck().input("x", 2).check((tape, o) -> o.input("y")))
        .hasMessageContaining("expected an operand among [x], found y");
    assertThatThrownBy(() -> new GradCheck().input("x", 2).weight("x", 2))
        .hasMessageContaining("two operands called x");
  }

  private enum Mistake {
    NONE,
    FACTOR,
    ONE_ELEMENT,
    NO_GRADIENT,
    NO_WEIGHT_GRADIENT,
    ALWAYS_ADDS,
    ALWAYS_OVERWRITES
  }

  private static void fails(Mistake mistake, String message) {
    assertThatThrownBy(() -> check((tape, o) -> product(tape, o, true, true, mistake)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(message);
  }

  private static String check(GradCheck.Operation operation) {
    int checked = new GradCheck().input("x", 2, 3).weight("w", 2, 3).check(operation).size();
    return checked + " operands";
  }

  private static Tensor product(
      Tape tape, Operands o, boolean keep, boolean forWeight, Mistake mistake) {
    Kernels k = tape.kernels();
    Tensor x = o.input("x");
    Tensor w = o.weight("w").vector();
    Tensor y = tape.like(x);
    multiply(x, w, y, Tensor::copyFrom);
    if (keep) {
      tape.keep(x);
    }
    boolean needed = tape.needs(x) || forWeight && tape.needs(o.weight("w"));
    return tape.record(
        y,
        needed,
        dy -> {
          if (mistake != Mistake.NO_GRADIENT) {
            tape.gradient(
                x,
                (dx, beta) ->
                    multiply(
                        dy,
                        w,
                        dx,
                        (to, value) -> {
                          float factor = mistake == Mistake.FACTOR ? 1.01f : 1;
                          if (mistake == Mistake.ONE_ELEMENT) {
                            value.data()[4] *= 1.01f;
                          }
                          float keeping =
                              switch (mistake) {
                                case ALWAYS_ADDS -> 1;
                                case ALWAYS_OVERWRITES -> 0;
                                default -> beta;
                              };
                          k.axpy(factor, value, keeping, to);
                        }));
          }
          if (mistake != Mistake.NO_WEIGHT_GRADIENT) {
            tape.gradient(
                o.weight("w"),
                (dw, beta) -> multiply(dy, x, dw, (to, value) -> k.axpy(1, value, beta, to)));
          }
        });
  }

  private static void multiply(Tensor a, Tensor b, Tensor to, BiConsumer<Tensor, Tensor> put) {
    Tensor product = Tensor.zeros(a.shape());
    for (int i = 0; i < product.size(); i++) {
      product.data()[i] = 3 * a.data()[a.offset() + i] * b.data()[b.offset() + i];
    }
    put.accept(to, product);
  }
}
