package org.mobilefinetuner.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArenaTest {
  /** What is lent at one time never shares storage, in whatever order it comes back. */
  @Test
  void lendsStorageThatNobodyElseHas() {
    Arena arena = Arena.unbounded();
    Random random = new Random(1);
    List<Tensor> lent = new ArrayList<>();
    for (int round = 0; round < 2_000; round++) {
      if (!lent.isEmpty() && random.nextInt(100) < 45) {
        int which = random.nextInt(lent.size());
        Tensor back = lent.remove(which);
        assertHoldsOnly(back, marker(back));
        arena.give(back);
      } else {
        Tensor taken = arena.take(1 + random.nextInt(7), 1 + random.nextInt(50));
        lent.add(taken.fill(marker(taken)));
      }
    }
    for (Tensor tensor : lent) {
      assertHoldsOnly(tensor, marker(tensor));
    }
    Collections.shuffle(lent, random);
    lent.forEach(arena::give);
    long reserved = arena.reservedBytes();
    arena.take((int) (reserved / Float.BYTES)); // nothing has become smaller, nor is it in pieces
    assertThat(arena.reservedBytes()).isEqualTo(reserved);
  }

  private static float marker(Tensor tensor) {
    return System.identityHashCode(tensor) & 0xffffff;
  }

  private static void assertHoldsOnly(Tensor tensor, float value) {
    for (int i = 0; i < tensor.size(); i++) {
      assertThat(tensor.data()[tensor.offset() + i]).isEqualTo(value);
    }
  }

  @Test
  void usesStorageAgain() {
    Arena arena = Arena.unbounded();
    Tensor first = arena.take(10, 10);
    arena.give(first);
    Tensor second = arena.take(10, 10);
    assertThat(second.data()).isSameAs(first.data());
    assertThat(second.offset()).isEqualTo(first.offset());
    long reserved = arena.reservedBytes();
    for (int i = 0; i < 1_000; i++) {
      arena.give(arena.take(20, 10));
    }
    assertThat(arena.reservedBytes()).isEqualTo(reserved);
  }

  /** Batches of other lengths ask for other sizes; the empty arena is whole again. */
  @Test
  void isWholeAgainWhenAllIsBack() {
    Arena arena = Arena.ofBytes(1 << 16);
    for (int size = 16; size <= 1 << 14; size *= 2) {
      List<Tensor> lent = new ArrayList<>();
      for (int i = 0; i < (1 << 14) / size; i++) {
        lent.add(arena.take(size));
      }
      lent.forEach(arena::give);
    }
    assertThat(arena.reservedBytes()).isEqualTo(1 << 16);
  }

  @Test
  void keepsItsBudget() {
    Arena arena = Arena.ofBytes(1 << 20);
    Tensor half = arena.take(1 << 17);
    assertThatThrownBy(() -> arena.take((1 << 17) + 16))
        .isInstanceOf(Arena.BudgetExceededException.class)
        .hasMessageContaining("the budget is 1 MiB")
        .hasMessageContaining("use shorter sequences, a smaller batch, or a larger budget");
    arena.give(arena.take(1 << 17));
    arena.give(half);
    assertThat(arena.take(1 << 18).size()).isEqualTo(1 << 18);
    assertThat(arena.reservedBytes()).isEqualTo(1 << 20);
  }

  @Test
  void countsTheMostThatWasLent() {
    Arena arena = Arena.unbounded();
    Tensor a = arena.take(100); // rounded to cache lines: 112 floats
    Tensor b = arena.take(16);
    arena.give(a);
    Tensor c = arena.take(32);
    arena.give(b);
    arena.give(c);
    assertThat(arena.highWaterBytes()).isEqualTo(4 * (112 + 16));
  }

  @Test
  void takesNothingBackThatIsNotItsOwn() {
    Arena arena = Arena.unbounded();
    Tensor tensor = arena.take(3, 4);
    arena.give(tensor);
    assertThatThrownBy(() -> arena.give(tensor))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Tensor[3, 4] was not lent by this arena, or came back before");
    assertThatThrownBy(() -> arena.give(Tensor.zeros(3))).isInstanceOf(IllegalStateException.class);
    Tensor other = Arena.unbounded().take(2);
    assertThatThrownBy(() -> arena.give(other)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void lendsMoreThanASlabAtOnce() {
    Arena arena = Arena.unbounded();
    Tensor large = arena.take(5, 1 << 20);
    Tensor small = arena.take(7);
    assertThat(large.data()).isNotSameAs(small.data());
    assertThat(large.size()).isEqualTo(5 << 20);
  }

  @Test
  void poisonShowsWhatIsReadTooEarlyOrTooLate() {
    Arena arena = Arena.poisoned();
    Tensor tensor = arena.take(4);
    assertHoldsNaN(tensor);
    tensor.fill(1);
    Tensor keepsTheArenaBusy = arena.take(4).fill(2);
    arena.give(tensor);
    assertHoldsNaN(tensor);
    assertHoldsNaN(arena.take(4));
    assertHoldsOnly(keepsTheArenaBusy, 2);
  }

  private static void assertHoldsNaN(Tensor tensor) {
    for (int i = 0; i < tensor.size(); i++) {
      assertThat(tensor.data()[tensor.offset() + i]).isNaN();
    }
  }

  @Test
  void lendsEmptyTensors() {
    Arena arena = Arena.unbounded();
    Tensor empty = arena.take(0, 5);
    assertThat(empty.size()).isZero();
    assertThat(empty.cols()).isEqualTo(5);
    arena.give(empty);
  }
}
