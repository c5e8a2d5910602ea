package org.mobilefinetuner.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlocksTest {
  @ParameterizedTest
  @CsvSource({"0, 2, 5", "1, 1, 1", "28, 2, 28", "28, 2, 9", "152, 2, 9", "152, 8, 200", "5, 9, 3"})
  void coverTheWorkAndBecomeSmaller(int size, int threads, int most) {
    Blocks blocks = new Blocks(size, threads, most);
    int count = blocks.count();
    int[] sizes =
        IntStream.range(0, count).map(i -> blocks.start(i + 1) - blocks.start(i)).toArray();
    assertThat(blocks.start(0)).isZero();
    assertThat(blocks.start(count)).isEqualTo(size);
    assertThat(IntStream.of(sizes)).allMatch(n -> n > 0 && n <= most);
    assertThat(IntStream.range(1, count)).allMatch(i -> sizes[i] <= sizes[i - 1]);
  }

  @Test
  void oneThreadIsGivenAllAtOnce() {
    assertThat(new Blocks(28, 1, 28).count()).isEqualTo(1);
    assertThat(new Blocks(28, 1, 9).count()).isEqualTo(4);
  }

  /** One core of four takes three times as long as the others. */
  @Test
  void aSlowCoreHoldsUpNobody() {
    int threads = 4;
    Blocks blocks = new Blocks(100, threads, 100);
    int[] busyUntil = new int[threads];
    for (int i = 0; i < blocks.count(); i++) {
      int next = 0;
      for (int t = 1; t < threads; t++) {
        next = busyUntil[t] < busyUntil[next] ? t : next;
      }
      busyUntil[next] += (blocks.start(i + 1) - blocks.start(i)) * (next == 0 ? 3 : 1);
    }
    int ideal = 30; // 100 units at a rate of 3 + 1/3
    assertThat(IntStream.of(busyUntil).max().orElseThrow()).isLessThan(ideal * 2);
    assertThat(blocks.count()).isLessThan(25);
  }

  @Test
  void whatCannotBeCutIsAnError() {
    assertThatThrownBy(() -> new Blocks(3, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "expected no negative size, a thread and a block of 1 at least, found a size of 3,"
                + " 0 threads and blocks of at most 1");
  }
}
