package org.mobilefinetuner.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class ThinningTest {
  @Test
  void fewRowsStayAll() {
    assertThat(Thinning.rows(10, row -> row, 10)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  @Test
  void ofManyTheExtremesStay() {
    int[] rows =
        Thinning.rows(100_000, row -> row == 77_777 ? 9 : row == 5 ? -9 : Math.sin(row), 2000);
    assertThat(rows).hasSizeBetween(1500, 2000).contains(0, 5, 77_777, 99_999);
    assertThat(rows).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void whatHasNoValueIsNoExtreme() {
    int[] rows = Thinning.rows(1000, row -> row % 10 == 3 ? row : Double.NaN, 202);
    assertThat(Arrays.stream(rows).filter(row -> row % 10 == 3)).hasSize(100);
  }
}
