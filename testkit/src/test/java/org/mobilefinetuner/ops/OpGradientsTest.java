package org.mobilefinetuner.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.Activation;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.tensor.Pieces;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;
import org.mobilefinetuner.testkit.GradCheck;

/** The gradient check of every operation, and the check that it is every. */
class OpGradientsTest {
  /** Three sequences, one of a single token. */
  private static final CausalAttention.Sequences RAGGED =
      new CausalAttention.Sequences(new int[] {0, 4, 5, 11}, null);

  private static final int TOKENS = 11;

  @Test
  void everyOperationIsCheckedHere() {
    JavaClasses classes = new ClassFileImporter().importPackages("org.mobilefinetuner.ops");
    TreeSet<String> operations = new TreeSet<>();
    TreeSet<String> unchecked = new TreeSet<>();
    classes.stream()
        .filter(c -> !c.getName().equals(OpGradientsTest.class.getName()))
        .flatMap(c -> c.getMethods().stream())
        .filter(OpGradientsTest::isOperation)
        .forEach(
            method -> {
              operations.add(method.getFullName());
              if (method.getCallsOfSelf().stream().noneMatch(OpGradientsTest::isFromHere)) {
                unchecked.add(method.getFullName());
              }
            });
    assertThat(operations).as("the operations of the package").hasSizeGreaterThan(7);
    assertThat(unchecked).as("operations without a gradient check in this class").isEmpty();
  }

  /** An operation is a public static method that takes a tape. */
  private static boolean isOperation(JavaMethod method) {
    return method.getModifiers().containsAll(List.of(JavaModifier.PUBLIC, JavaModifier.STATIC))
        && method.getRawParameterTypes().stream().anyMatch(t -> t.isEquivalentTo(Tape.class));
  }

  private static boolean isFromHere(JavaMethodCall call) {
    return call.getOriginOwner().isEquivalentTo(OpGradientsTest.class);
  }

  @Test
  void linear() {
    new GradCheck()
        .input("x", 5, 7)
        .weight("w", 4, 7)
        .check((tape, o) -> Linear.apply(tape, o.input("x"), o.weight("w")));
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  void linearOfBothLayouts(Layout layout) {
    GradCheck check = new GradCheck().input("x", 5, 7);
    weightOf(check, layout)
        .check((tape, o) -> Linear.apply(tape, o.input("x"), o.weight("w"), layout, null));
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  void linearWithBias(Layout layout) {
    GradCheck check = new GradCheck().input("x", 5, 7);
    weightOf(check, layout)
        .weight("b", 4)
        .check((tape, o) -> Linear.apply(tape, o.input("x"), o.weight("w"), layout, o.weight("b")));
  }

  private static GradCheck weightOf(GradCheck check, Layout layout) {
    return layout == Layout.OUT_IN ? check.weight("w", 4, 7) : check.weight("w", 7, 4);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void columnScale(boolean biased) {
    Tensor n = Tensor.of(new float[] {0.5f, 2, 3, -1, 0.25f, 1.5f, 4}, 7);
    GradCheck check = new GradCheck().input("x", 5, 7).weight("m", 7);
    (biased ? check.weight("b", 7) : check)
        .check(
            (tape, o) ->
                ColumnScale.apply(
                    tape, o.input("x"), o.weight("m"), n, biased ? o.weight("b") : null));
  }

  @Test
  void layerNorm() {
    new GradCheck()
        .input("x", 4, 9)
        .weight("gain", 9)
        .weight("bias", 9)
        .check(
            (tape, o) ->
                LayerNorm.apply(tape, o.input("x"), o.weight("gain"), o.weight("bias"), 1e-5f));
  }

  /** A large eps changes the gradient: it must be inside the root. */
  @Test
  void layerNormWithLargeEps() {
    new GradCheck()
        .input("x", 3, 5)
        .weight("gain", 5)
        .weight("bias", 5)
        .check(
            (tape, o) ->
                LayerNorm.apply(tape, o.input("x"), o.weight("gain"), o.weight("bias"), 0.7f));
  }

  /** As a whole row, and head by head; with a gain as it is, and with one stored less one. */
  @ParameterizedTest
  @ValueSource(ints = {9, 3})
  void rmsNorm(int group) {
    for (float offset : new float[] {0, 1}) {
      for (float eps : new float[] {1e-6f, 0.7f}) {
        new GradCheck()
            .input("x", 4, 9)
            .weight("gain", group)
            .check((tape, o) -> RmsNorm.apply(tape, o.input("x"), o.weight("gain"), offset, eps));
      }
    }
  }

  @Test
  void rope() {
    int[] positions = {0, 1, 2, 0, 300};
    RotaryAngles angles = new RotaryAngles(RotaryAngles.frequencies(6, 100));
    new GradCheck()
        .input("x", 5, 2 * 6)
        .check((tape, o) -> Rope.apply(tape, o.input("x"), positions, angles));
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void glu(Activation activation) {
    new GradCheck()
        .input("gate", 6, 11)
        .input("up", 6, 11)
        .check((tape, o) -> Glu.apply(tape, activation, o.input("gate"), o.input("up")));
  }

  @Test
  void gluOfATensorWithItself() {
    new GradCheck()
        .input("x", 3, 5)
        .check((tape, o) -> Glu.apply(tape, Activation.SILU, o.input("x"), o.input("x")));
  }

  @Test
  void gelu() {
    new GradCheck().input("x", 6, 11).check((tape, o) -> Gelu.apply(tape, o.input("x")));
  }

  @Test
  void geluOfASumWithABias() {
    new GradCheck()
        .input("x", 6, 11)
        .weight("w", 5, 11)
        .weight("b", 5)
        .check(
            (tape, o) -> {
              Tensor y = Linear.apply(tape, o.input("x"), o.weight("w"));
              return Gelu.apply(tape, y, o.weight("b"));
            });
  }

  @Test
  void lowRank() {
    new GradCheck()
        .input("x", 5, 7)
        .weight("w", 4, 7)
        .weight("a", 2, 7)
        .weight("b", 4, 2)
        .check(
            (tape, o) -> {
              Tensor y = Linear.apply(tape, o.input("x"), o.weight("w"));
              return LowRank.addTo(tape, y, -1.5f, o.input("x"), o.weight("a"), o.weight("b"));
            });
  }

  @Test
  void add() {
    new GradCheck()
        .input("a", 3, 5)
        .input("b", 3, 5)
        .check((tape, o) -> Add.apply(tape, o.input("a"), o.input("b")));
  }

  /** The sum's gradient is that of both, until one of them gets another contribution. */
  @Test
  void addOfATensorAndWhatIsMadeOfIt() {
    new GradCheck()
        .input("x", 3, 5)
        .weight("w", 5, 5)
        .check(
            (tape, o) -> {
              Tensor x = Add.apply(tape, o.input("x"), o.input("x"));
              return Add.apply(tape, x, Linear.apply(tape, x, o.weight("w")));
            });
  }

  @Test
  void addScaled() {
    new GradCheck()
        .input("a", 3, 5)
        .input("b", 3, 5)
        .check((tape, o) -> Add.scaled(tape, o.input("a"), -1.5f, o.input("b")));
  }

  @Test
  void addOfATensorToItself() {
    new GradCheck()
        .input("a", 3, 5)
        .check((tape, o) -> Add.scaled(tape, o.input("a"), 2.5f, o.input("a")));
  }

  @ParameterizedTest
  @ValueSource(floats = {0, 0.1f, 0.5f})
  void dropout(float rate) {
    new GradCheck().input("x", 6, 10).check((tape, o) -> Dropout.apply(tape, o.input("x"), rate));
  }

  /** Token 3 occurs three times, token 0 never. */
  @ParameterizedTest
  @ValueSource(floats = {1, 5})
  void embedding(float scale) {
    int[] ids = {3, 1, 3, 4, 2, 3};
    new GradCheck()
        .weight("table", 5, 4)
        .check((tape, o) -> Embedding.apply(tape, ids, o.weight("table"), scale));
  }

  @Test
  void attentionOfAFusedTensor() {
    new GradCheck()
        .input("qkv", TOKENS, 3 * 6)
        .check(
            (tape, o) ->
                CausalAttention.fused(
                    tape, o.input("qkv"), RAGGED, 0, AttentionShape.causal(2, 3)));
  }

  @Test
  void attentionOfThreeTensors() {
    attentionApart(AttentionShape.causal(2, 3));
  }

  @Test
  void attentionWithSharedKeysAndValues() {
    attentionApart(new AttentionShape(4, 2, 3, 0.5f, AttentionShape.UNLIMITED));
    attentionApart(new AttentionShape(3, 1, 2, 0.7f, AttentionShape.UNLIMITED));
  }

  @Test
  void attentionInAWindow() {
    attentionApart(new AttentionShape(2, 1, 3, 0.6f, 3));
    attentionApart(new AttentionShape(2, 2, 3, 0.6f, 2));
  }

  private static void attentionApart(AttentionShape shape) {
    new GradCheck()
        .input("q", TOKENS, shape.heads() * shape.width())
        .input("k", TOKENS, shape.kvHeads() * shape.width())
        .input("v", TOKENS, shape.kvHeads() * shape.width())
        .check(
            (tape, o) ->
                CausalAttention.apply(
                    tape, o.input("q"), o.input("k"), o.input("v"), RAGGED, 0, shape));
  }

  /** q, k and v side by side, k and v with fewer heads. */
  @Test
  void attentionOfAFusedTensorWithSharedKeysAndValues() {
    AttentionShape shape = new AttentionShape(4, 2, 3, 0.5f, 4);
    new GradCheck()
        .input("qkv", TOKENS, (4 + 2 + 2) * 3)
        .check(
            (tape, o) -> {
              Tensor qkv = o.input("qkv");
              return CausalAttention.apply(
                  tape,
                  new Window(qkv, 0),
                  new Window(qkv, 12),
                  new Window(qkv, 18),
                  RAGGED,
                  0,
                  shape);
            });
  }

  @Test
  void linearCrossEntropy() {
    int[] targets = {2, 0, 5, 5, 1, 3};
    crossEntropy(new GradCheck(), targets, 1);
  }

  @Test
  void linearCrossEntropyIgnoresRowsWithoutTarget() {
    int ignore = LinearCrossEntropy.IGNORE;
    crossEntropy(new GradCheck(), new int[] {ignore, 0, ignore, ignore, 4, 2, ignore}, 0.25f);
  }

  /**
   * More rows than there are logits at a time, the last block smaller, with rows to ignore. The
   * loss is one float32 whose rounding is large beside what one of so many rows changes.
   */
  @Test
  void linearCrossEntropyOfSeveralBlocks() {
    int[] targets = new int[LinearCrossEntropy.ROWS + 25];
    Arrays.setAll(targets, i -> i % 9 == 0 ? LinearCrossEntropy.IGNORE : i * 7 % 6);
    crossEntropy(new GradCheck().tolerance(2e-3), targets, 0.1f);
  }

  /** The table is frozen in some of the runs, which must have the bits of the others. */
  @Test
  void linearCrossEntropyByColumns() {
    int ignore = LinearCrossEntropy.IGNORE;
    GradCheck check = new GradCheck().pieces(new Pieces(0, true));
    crossEntropy(check, new int[] {ignore, 0, ignore, 5, 4, 2, ignore}, 0.25f);
  }

  private static void crossEntropy(GradCheck check, int[] targets, float scale) {
    check
        .input("x", targets.length, 4)
        .weight("table", 6, 4)
        .check(
            (tape, o) ->
                LinearCrossEntropy.apply(
                    tape,
                    o.input("x"),
                    o.weight("table"),
                    targets,
                    scale,
                    new float[targets.length]));
  }
}
