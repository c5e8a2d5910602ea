package org.mobilefinetuner.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.ops.Dropout;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Tensor;

class TapeTest {
  private static final Kernels KERNELS = new ScalarKernels();

  private final Arena arena = Arena.poisoned();
  private final Parameter weight = new Parameter("w", Tensor.zeros(4).fill(3));
  private final Gradients gradients = new Gradients(List.of(weight));

  private Tape recording() {
    return Tape.recording(arena, KERNELS, gradients, null);
  }

  /** y = 2·x. */
  private static Tensor twice(Tape tape, Tensor x) {
    Tensor y = tape.like(x);
    KERNELS.add(x, 1, x, y);
    return tape.record(
        y, tape.needs(x), dy -> tape.gradient(x, (dx, beta) -> KERNELS.axpy(2, dy, beta, dx)));
  }

  @Test
  void runsBackwardsInReverse() {
    Tensor x = Tensor.zeros(4).fill(1);
    try (Tape tape = recording()) {
      tape.wantGradient(x);
      Tensor y = twice(tape, twice(tape, x));
      assertHolds(y, 4);
      tape.rest();
      tape.backward(y, Tensor.zeros(4).fill(1));
      assertHolds(tape.gradientOf(x), 4);
    }
  }

  /** The first contribution overwrites, those after it add. */
  @Test
  void addsTheGradientsOfAllUses() {
    Tensor x = Tensor.zeros(4).fill(1);
    try (Tape tape = recording()) {
      tape.wantGradient(x);
      Tensor a = twice(tape, x);
      Tensor b = twice(tape, a);
      Tensor y = tape.like(x);
      KERNELS.add(a, 1, b, y);
      tape.record(
          y,
          true,
          dy -> {
            tape.gradient(a, (d, beta) -> KERNELS.axpy(1, dy, beta, d));
            tape.gradient(b, (d, beta) -> KERNELS.axpy(1, dy, beta, d));
          });
      tape.rest();
      tape.backward(y, Tensor.zeros(4).fill(1));
      assertHolds(tape.gradientOf(x), 2 + 4);
    }
  }

  @Test
  void computesNoGradientThatNobodyNeeds() {
    Tensor x = Tensor.zeros(4);
    Tensor other = Tensor.zeros(4);
    AtomicInteger written = new AtomicInteger();
    try (Tape tape = recording()) {
      tape.wantGradient(x);
      assertThat(tape.needs(x)).isTrue();
      assertThat(tape.needs(other)).isFalse();
      assertThat(tape.needs(weight)).isTrue();
      assertThat(tape.needs(new Frozen("f", x))).isFalse();
      assertThat(tape.needs((Weight) null)).isFalse();
      tape.gradient(other, (d, beta) -> written.incrementAndGet());
      tape.gradient(new Frozen("f", x), (d, beta) -> written.incrementAndGet());
      tape.gradient((Weight) null, (d, beta) -> written.incrementAndGet());
      assertThat(tape.needs(twice(tape, other))).isFalse();
      assertThat(tape.needs(twice(tape, x))).isTrue();
    }
    assertThat(written).hasValue(0);
  }

  @Test
  void recordsNothingWhenItIsNotRecording() {
    Tensor x = Tensor.zeros(4);
    for (Tape tape : List.of(Tape.forgetting(arena, KERNELS, null), Tape.off(arena, KERNELS))) {
      try (tape) {
        tape.wantGradient(x);
        assertThat(tape.recording()).isFalse();
        assertThat(tape.needs(x)).isFalse();
        assertThat(tape.needs(weight)).isFalse();
        tape.gradient(weight, (d, beta) -> d.fill(1));
        Tensor y = twice(tape, x);
        assertThatThrownBy(() -> tape.backward(y, y))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("does not record");
      }
    }
    assertThat(gradients.of(weight)).isNull();
  }

  /** After the forward pass only what was kept is there. */
  @Test
  void restGivesBackWhatWasNotKept() {
    try (Tape tape = recording()) {
      Tensor scratch = tape.take(4).fill(1);
      Tensor kept = tape.take(4).fill(2);
      tape.keep(kept);
      tape.keep(Tensor.zeros(4)); // from outside: it stays anyway
      Tensor output = tape.take(4).fill(3);
      tape.rest(output);
      assertThat(scratch.data()[scratch.offset()]).isNaN();
      assertHolds(kept, 2);
      assertHolds(output, 3);
      Tensor later = tape.take(4).fill(4);
      tape.rest();
      assertThat(later.data()[later.offset()]).isNaN();
      assertHolds(kept, 2);
    }
  }

  /** A chain of a hundred operations holds two gradients at a time, not a hundred. */
  @Test
  void backwardGivesBackAsItGoes() {
    Tensor x = Tensor.zeros(1024);
    try (Tape tape = recording()) {
      tape.wantGradient(x);
      Tensor y = x;
      for (int i = 0; i < 100; i++) {
        y = twice(tape, y);
      }
      tape.rest();
      long forward = arena.highWaterBytes();
      assertThat(forward).isEqualTo(100 * 4096);
      tape.backward(y, Tensor.zeros(1024));
      assertThat(arena.highWaterBytes()).isEqualTo(forward);
    }
  }

  /** What is passed on is the gradient of all who got it, unless it came from outside. */
  @Test
  void passesOnAGradientWithoutACopy() {
    Tensor x = Tensor.zeros(1024);
    Tensor outer = Tensor.zeros(1024).fill(1);
    List<Tensor> passed = new ArrayList<>();
    try (Tape tape = recording()) {
      tape.wantGradient(x);
      Tensor a = twice(tape, x);
      Tensor b = twice(tape, x);
      Tensor y = tape.like(x).fill(0);
      tape.record(
          y,
          true,
          dy -> {
            passed.add(tape.passOn(a, dy) ? dy : a);
            passed.add(tape.passOn(b, dy) ? dy : b);
          });
      Tensor z = tape.like(x).fill(0);
      tape.record(z, true, dz -> passed.add(tape.passOn(y, dz) ? dz : y));
      tape.rest();
      tape.backward(z, outer);
      assertHolds(tape.gradientOf(x), 2 + 2);
      assertThat(passed).first().isSameAs(y);
      assertThat(passed.get(1)).isSameAs(passed.get(2)).isNotIn(a, b, y, outer);
    }
    assertHolds(outer, 1);
  }

  /** A gradient that two have in common is copied before one of them gets more. */
  @Test
  void copiesASharedGradientBeforeItChanges() {
    Tensor x = Tensor.zeros(1024);
    try (Tape tape = recording()) {
      tape.wantGradient(x);
      Tensor a = twice(tape, x);
      Tensor b = twice(tape, a);
      Tensor y = tape.like(x).fill(0);
      tape.record(
          y,
          true,
          dy -> {
            tape.passOn(a, dy);
            tape.passOn(b, dy); // whose own backward code adds 2·dy to a's
          });
      tape.rest();
      tape.backward(y, tape.like(y).fill(1));
      assertHolds(tape.gradientOf(x), 2 * (1 + 2));
    }
  }

  /** A segment's output outlives its tape. */
  @Test
  void whatIsHandedOverIsTheCallers() {
    Tensor x = Tensor.zeros(4).fill(1);
    Tensor y;
    Tensor gradient;
    try (Tape tape = recording()) {
      tape.wantGradient(x);
      y = tape.handOver(twice(tape, x));
      tape.rest();
      tape.backward(y, Tensor.zeros(4).fill(1));
      gradient = tape.handOver(tape.gradientOf(x));
      assertThatThrownBy(() -> tape.handOver(x))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Tensor[4] was not taken from this tape");
    }
    assertHolds(y, 2);
    assertHolds(gradient, 2);
    arena.give(y);
    arena.give(gradient);
  }

  @Test
  void closingGivesEverythingBack() {
    Arena small = Arena.ofBytes(4096);
    for (int i = 0; i < 3; i++) {
      try (Tape tape = Tape.recording(small, KERNELS, gradients, null)) {
        Tensor all = tape.take(512);
        tape.keep(all);
        tape.give(tape.take(512));
        tape.take(512);
      }
    }
    assertThat(small.take(1024).size()).isEqualTo(1024);
  }

  @Test
  void saysThatASegmentDidNotUseItsInput() {
    Tensor x = Tensor.zeros(4);
    try (Tape tape = recording()) {
      tape.wantGradient(x);
      Tensor y = tape.record(tape.take(4).fill(0), true, dy -> {});
      tape.backward(y, Tensor.zeros(4));
      assertThatThrownBy(() -> tape.gradientOf(x))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("no operation of this segment used its input");
    }
  }

  /** A pass that is recorded again draws what the first one drew; evaluation draws nothing. */
  @Test
  void drawsTheSameWhetherItRecordsOrNot() {
    Tensor x = Tensor.zeros(2, 50).fill(1);
    Tape.Randomness randomness = new Tape.Randomness(5, new long[] {1, 2});
    float[] forgetting = draws(Tape.forgetting(arena, KERNELS, randomness), x);
    float[] recording = draws(Tape.recording(arena, KERNELS, gradients, randomness), x);
    assertThat(recording).isEqualTo(forgetting).contains(0f, 2f);
    assertThat(draws(Tape.off(arena, KERNELS), x)).containsOnly(1);
    assertThat(java.util.Arrays.copyOf(recording, 100))
        .isNotEqualTo(java.util.Arrays.copyOfRange(recording, 100, 200));
    Tape.Randomness other = new Tape.Randomness(6, new long[] {1, 2});
    assertThat(draws(Tape.forgetting(arena, KERNELS, other), x)).isNotEqualTo(forgetting);
  }

  /** Two dropouts, one behind the other's values. */
  private static float[] draws(Tape tape, Tensor x) {
    try (tape) {
      Tensor first = Dropout.apply(tape, x, 0.5f);
      Tensor second = Dropout.apply(tape, x, 0.5f);
      float[] both = new float[2 * x.size()];
      first.read(0, 0, x.rows(), x.cols(), both, 0, x.cols());
      second.read(0, 0, x.rows(), x.cols(), both, x.size(), x.cols());
      return both;
    }
  }

  @Test
  void gradientsAreSummedUntilCleared() {
    assertThat(gradients.of(weight)).isNull();
    for (int i = 0; i < 2; i++) {
      gradients.add(weight, (g, beta) -> KERNELS.axpy(1, weight.value(), beta, g));
      gradients.add(weight, (g, beta) -> KERNELS.axpy(2, weight.value(), beta, g));
      assertHolds(java.util.Objects.requireNonNull(gradients.of(weight)), 9);
      gradients.clear();
      assertThat(gradients.of(weight)).isNull();
    }
    Parameter unknown = new Parameter("unknown", Tensor.zeros(2));
    assertThatThrownBy(() -> gradients.add(unknown, (g, beta) -> g.fill(0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("unknown Tensor[2] is trainable but not in the optimizer's list");
  }

  private static void assertHolds(Tensor tensor, float value) {
    for (int i = 0; i < tensor.size(); i++) {
      assertThat(tensor.data()[tensor.offset() + i]).isEqualTo(value);
    }
  }
}
