package org.mobilefinetuner.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilefinetuner.data.StepLoader.Step;
import org.mobilefinetuner.model.Batch.Sequence;

/** Which examples are learned together, and when. */
class BatchingTest {
  private static final int MAX = 40;
  private static final int COUNT = 203;

  /** The ways to deal examples out. */
  enum Way {
    SHUFFLED,
    BY_LENGTH,
    PACKED;

    Batching of(Examples examples, int batchSize) {
      return switch (this) {
        case SHUFFLED -> Batching.shuffled(examples, batchSize);
        case BY_LENGTH -> Batching.byLength(examples, batchSize);
        case PACKED -> Batching.packed(examples, MAX, batchSize);
      };
    }
  }

  private static Examples examples(int count, int longest) {
    Random random = new Random(count);
    List<Sequence> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] ids = new int[2 + random.nextInt(longest - 1)];
      all.add(new Sequence(i, ids, ids));
    }
    return Examples.of(all);
  }

  private static int[] epoch(Batching batching, long seed, int number) {
    Batching.Epoch epoch = batching.epoch(seed, number);
    return IntStream.range(0, batching.microBatches())
        .flatMap(n -> Arrays.stream(epoch.microBatch(n)))
        .toArray();
  }

  /** The last batch is used, however small, and each example is used once. */
  @ParameterizedTest
  @EnumSource(Way.class)
  void anEpochHasEveryExampleOnceWithTheLastPartialBatch(Way way) {
    for (int batchSize : new int[] {1, 4, 7, 1000}) {
      Batching batching = way.of(examples(COUNT, MAX), batchSize);
      for (int number = 0; number < 2; number++) {
        int[] order = epoch(batching, 5, number);
        assertThat(Arrays.stream(order).sorted().toArray())
            .isEqualTo(IntStream.range(0, COUNT).toArray());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void theOrderDependsOnSeedAndEpochAlone(Way way) {
    Batching batching = way.of(examples(COUNT, MAX), 4);
    int[] second = epoch(batching, 5, 1);
    assertThat(epoch(way.of(examples(COUNT, MAX), 4), 5, 1)).isEqualTo(second);
    assertThat(epoch(batching, 5, 0)).isNotEqualTo(second);
    assertThat(epoch(batching, 6, 1)).isNotEqualTo(second);
  }

  @Test
  void binsAreFilledAndNeverTooFull() {
    Examples examples = examples(2000, MAX);
    Batching bins = Batching.packed(examples, MAX, 1);
    Batching.Epoch epoch = bins.epoch(1, 0);
    long tokens = 0;
    for (int n = 0; n < bins.microBatches(); n++) {
      int size = Arrays.stream(epoch.microBatch(n)).map(examples::length).sum();
      assertThat(size).isLessThanOrEqualTo(MAX);
      tokens += size;
    }
    assertThat((double) tokens / ((long) bins.microBatches() * MAX)).isGreaterThan(0.97);
  }

  /** Best-fit decreasing, by hand, of at most 10 tokens: the 4 goes to the 6, not to the 5. */
  @Test
  void theLongestFirstAndEachWhereItFitsBest() {
    assertThat(lengths(2, 3, 4, 5, 6, 7, 5, 3)).containsExactly("73", "64", "55", "32");
    assertThat(lengths(4, 5, 6)).containsExactly("64", "5");
  }

  /** The lengths in each bin. */
  private static List<String> lengths(int... lengths) {
    List<Sequence> all = new ArrayList<>();
    for (int length : lengths) {
      all.add(new Sequence(all.size(), new int[length], new int[length]));
    }
    Bins bins = Bins.of(Examples.of(all), 10);
    List<String> found = new ArrayList<>();
    for (int bin = 0; bin < bins.count(); bin++) {
      StringBuilder text = new StringBuilder();
      Arrays.stream(bins.examples(bin))
          .map(i -> -lengths[i])
          .sorted()
          .forEach(n -> text.append(-n));
      found.add(text.toString());
    }
    return found;
  }

  @Test
  void whatIsTooLongHasABinOfItsOwn() {
    Bins bins = Bins.of(examples(30, 90), 50);
    for (int bin = 0; bin < bins.count(); bin++) {
      int[] members = bins.examples(bin);
      int size = Arrays.stream(members).map(examples(30, 90)::length).sum();
      assertThat(size <= 50 || members.length == 1).isTrue();
    }
    assertThat(Bins.of(examples(3, 5), Integer.MAX_VALUE).count()).isEqualTo(1);
  }

  @Test
  void aMicroBatchHasLikeLengths() {
    Examples examples = examples(1000, MAX);
    ToIntFunction<Batching> spread =
        batching -> {
          Batching.Epoch epoch = batching.epoch(3, 0);
          int sum = 0;
          for (int n = 0; n < batching.microBatches(); n++) {
            int[] lengths = Arrays.stream(epoch.microBatch(n)).map(examples::length).toArray();
            sum += Arrays.stream(lengths).max().orElse(0) - Arrays.stream(lengths).min().orElse(0);
          }
          return sum;
        };
    assertThat(spread.applyAsInt(Batching.byLength(examples, 8)) * 8)
        .isLessThan(spread.applyAsInt(Batching.shuffled(examples, 8)));
    Batching.Epoch epoch = Batching.byLength(examples, 8).epoch(3, 0);
    int[] firsts =
        IntStream.range(0, 50).map(n -> examples.length(epoch.microBatch(n)[0])).toArray();
    assertThat(firsts)
        .as("short and long ones in turn")
        .isNotEqualTo(IntStream.of(firsts).sorted().toArray());
  }

  private static StepLoader loader(Way way, int batchSize, int accumulation) {
    Examples examples = examples(COUNT, MAX);
    return new StepLoader(examples, way.of(examples, batchSize), accumulation, 9);
  }

  private static List<List<Long>> ids(Step step) {
    return step.microBatches().stream()
        .map(batch -> batch.stream().map(Sequence::id).toList())
        .toList();
  }

  /** Position N is found again without reading what lies before it. */
  @ParameterizedTest
  @EnumSource(Way.class)
  void skippingIsTheSameAsTakingSteps(Way way) {
    for (int accumulation : new int[] {1, 3, 500}) {
      StepLoader whole = loader(way, 4, accumulation);
      for (int steps = 0; steps < 3 * whole.stepsPerEpoch(); steps++) {
        StepLoader skipped = loader(way, 4, accumulation);
        skipped.skip(steps);
        assertThat(skipped.epochs()).isEqualTo(whole.epochs());
        StepLoader further = loader(way, 4, accumulation);
        further.skip(steps / 3);
        further.skip(steps - steps / 3);
        Step next = whole.next();
        assertThat(ids(skipped.next())).isEqualTo(ids(next)).isEqualTo(ids(further.next()));
        assertThat(skipped.epochs()).isEqualTo(whole.epochs());
      }
    }
  }

  @Test
  void stepsAreCountedFromMicroBatches() {
    StepLoader loader = loader(Way.PACKED, 2, 3);
    List<Long> seen = new ArrayList<>();
    for (int i = 0; i < loader.stepsPerEpoch(); i++) {
      Step step = loader.next();
      assertThat(step.epoch()).isZero();
      ids(step).forEach(seen::addAll);
    }
    assertThat(seen).hasSize(COUNT).doesNotHaveDuplicates();
    assertThat(loader.epochs()).isEqualTo(1);
    assertThat(loader.next().epoch()).isEqualTo(1);
  }

  @Test
  void numbersThatMakeNoSenseAreRefused() {
    Examples none = Examples.of(List.of());
    Examples some = examples(3, 5);
    assertThatThrownBy(() -> Batching.shuffled(some, 0)).hasMessageContaining("found 0");
    assertThatThrownBy(() -> new StepLoader(none, Batching.shuffled(none, 1), 1, 0))
        .hasMessageContaining("at least one example");
    assertThatThrownBy(() -> loader(Way.SHUFFLED, 1, 1).skip(-1)).hasMessageContaining("-1");
  }
}
