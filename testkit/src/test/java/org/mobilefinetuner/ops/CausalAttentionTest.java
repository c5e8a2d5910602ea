package org.mobilefinetuner.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.autograd.Gradients;
import org.mobilefinetuner.autograd.Tape;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.tensor.Window;

class CausalAttentionTest {
  private static final Kernels KERNELS = new ScalarKernels();
  private static final CausalAttention.Sequences SEQUENCES =
      new CausalAttention.Sequences(new int[] {0, 4, 9}, null);

  private static float[] run(Tensor qkv, AttentionShape shape) {
    try (Tape tape = Tape.off(Arena.poisoned(), KERNELS)) {
      Tensor y = CausalAttention.fused(tape, qkv, SEQUENCES, 0, shape);
      return Tensor.zeros(y.shape()).copyFrom(y).data();
    }
  }

  /** Changing one token changes it and those after it in its sequence, to the last bit. */
  @Test
  void aTokenSeesThoseBeforeItInItsSequence() {
    influence(AttentionShape.causal(2, 3), Integer.MAX_VALUE);
    influence(new AttentionShape(2, 2, 3, 0.5f, 3), 3);
  }

  private static void influence(AttentionShape shape, int window) {
    float[] before = run(random(9, 18), shape);
    for (int changed = 0; changed < 9; changed++) {
      Tensor qkv = random(9, 18);
      qkv.rows(changed, 1).fill(0.7f);
      float[] after = run(qkv, shape);
      for (int t = 0; t < 9; t++) {
        boolean seen = t >= changed && t - (long) changed < window && t < 4 == changed < 4;
        boolean same = true;
        for (int i = 6 * t; i < 6 * t + 6; i++) {
          same &= after[i] == before[i];
        }
        assertThat(same).as("token %s after a change of %s", t, changed).isEqualTo(!seen);
      }
    }
  }

  /** T × T floats never exist: here they would be 9 MB for each head. */
  @Test
  void needsNoMemoryForTheScores() {
    Arena arena = Arena.unbounded();
    Tensor qkv = random(1500, 12);
    try (Tape tape = Tape.recording(arena, KERNELS, new Gradients(List.of()), null)) {
      tape.wantGradient(qkv);
      Tensor y =
          CausalAttention.fused(
              tape,
              qkv,
              new CausalAttention.Sequences(new int[] {0, 1500}, null),
              0,
              AttentionShape.causal(1, 4));
      tape.rest();
      tape.backward(y, Tensor.zeros(1500, 4).fill(1));
    }
    assertThat(arena.highWaterBytes()).isLessThan(4L * 1500 * (4 + 2 + 12 + 4));
  }

  @Test
  void theThreeMayLieInOneTensorOrInThree() {
    AttentionShape shape = AttentionShape.causal(1, 2);
    Tensor two = random(9, 4);
    Tensor one = random(9, 2);
    try (Tape tape = Tape.off(Arena.unbounded(), KERNELS)) {
      assertThatThrownBy(
              () ->
                  CausalAttention.apply(
                      tape,
                      new Window(one, 0),
                      new Window(two, 0),
                      new Window(two, 2),
                      SEQUENCES,
                      0,
                      shape))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("expected q, k and v in one tensor or in three, found two");
      assertThatThrownBy(
              () ->
                  CausalAttention.apply(
                      tape,
                      new Window(two, 0),
                      new Window(one, 0),
                      new Window(two, 2),
                      SEQUENCES,
                      0,
                      shape))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void refusesHeadsThatDoNotDivide() {
    assertThatThrownBy(() -> new AttentionShape(4, 3, 8, 1, 1))
        .hasMessageContaining("expected heads a multiple of kvHeads");
    assertThatThrownBy(() -> new AttentionShape(4, 2, 8, 1, 0)).hasMessageContaining("window 0");
    AttentionShape shape = new AttentionShape(6, 2, 8, 1, 3);
    assertThat(shape.group()).isEqualTo(3);
    assertThat(shape.firstSeen(1)).isZero();
    assertThat(shape.firstSeen(2)).isZero();
    assertThat(shape.firstSeen(5)).isEqualTo(3);
    assertThat(AttentionShape.causal(2, 4).firstSeen(1_000_000)).isZero();
    assertThat(AttentionShape.causal(2, 4).scale()).isEqualTo(0.5f);
  }

  private static Tensor random(int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    Random random = new Random(4);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.data()[i] = (float) random.nextGaussian();
    }
    return tensor;
  }
}
