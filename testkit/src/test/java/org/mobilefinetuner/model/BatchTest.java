package org.mobilefinetuner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.kernel.AttentionShape;
import org.mobilefinetuner.ops.KvCache;

class BatchTest {
  private static final Batch.Sequence FIRST =
      new Batch.Sequence(7, new int[] {1, 2, 3}, new int[] {1, -100, 3});
  private static final Batch.Sequence SECOND =
      new Batch.Sequence(9, new int[] {4, 5}, new int[] {4, 5});

  @Test
  void putsSequencesBehindEachOther() {
    Batch batch = Batch.of(List.of(FIRST, SECOND), 0.5f);
    assertThat(batch.ids()).containsExactly(1, 2, 3, 4, 5);
    assertThat(batch.positions()).containsExactly(0, 1, 2, 0, 1);
    assertThat(batch.sequences().starts()).containsExactly(0, 3, 5);
    assertThat(batch.tokens()).isEqualTo(5);
    assertThat(batch.lossScale()).isEqualTo(0.5f);
  }

  /** A token predicts the next one of its sequence, and the last predicts nothing. */
  @Test
  void targetsAreTheNextLabels() {
    Batch batch = Batch.of(List.of(FIRST, SECOND), 1);
    assertThat(batch.targets()).containsExactly(-100, 3, -100, 5, -100);
    assertThat(FIRST.supervised()).isEqualTo(1);
    assertThat(SECOND.supervised()).isEqualTo(1);
    Batch.Sequence single = new Batch.Sequence(1, new int[] {8}, new int[] {8});
    assertThat(single.supervised()).isZero();
    assertThat(Batch.of(List.of(single), 1).targets()).containsExactly(-100);
  }

  /** What a token draws from is a matter of its example and its place, not of the batch. */
  @Test
  void tokenKeysFollowTheExample() {
    long[] together = Batch.of(List.of(FIRST, SECOND), 1).tokenKeys();
    long[] alone = Batch.of(List.of(SECOND), 1).tokenKeys();
    assertThat(alone).containsExactly(together[3], together[4]);
    assertThat(together).doesNotHaveDuplicates();
  }

  @Test
  void readingContinuesTheCache() {
    KvCache cache = new KvCache(List.of(AttentionShape.causal(2, 2)), 10);
    cache.advance(3);
    Batch batch = Batch.reading(new int[] {5, 6}, cache);
    assertThat(batch.positions()).containsExactly(3, 4);
    assertThat(batch.targets()).containsOnly(-100);
    assertThat(Batch.reading(new int[] {5, 6}, null).positions()).containsExactly(0, 1);
  }

  @Test
  void addsTheLosses() {
    Batch batch = Batch.of(List.of(SECOND), 1);
    batch.nll()[0] = 1.5f;
    batch.nll()[1] = 2;
    assertThat(batch.totalNll()).isEqualTo(3.5);
  }

  @Test
  void refusesSequencesThatAreNone() {
    assertThatThrownBy(() -> new Batch.Sequence(0, new int[0], new int[0]))
        .hasMessageContaining("at least one, found 0 tokens");
    assertThatThrownBy(() -> new Batch.Sequence(0, new int[2], new int[3]))
        .hasMessageContaining("found 2 tokens and 3 labels");
  }
}
