package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mobilefinetuner.autograd.Gradients;
import org.mobilefinetuner.data.Batching;
import org.mobilefinetuner.data.Examples;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.testkit.Resources;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;
import org.mobilefinetuner.train.TinyRun.Run;

/**
 * Examples that lie in one bin do not see each other. Whatever is put together, an epoch has the
 * same loss and the same gradients; on every kind of model, those with windows too.
 */
class PackingTest {
  private static final int COUNT = 23;
  private static final int LONGEST = 14;

  static Stream<String> models() {
    return Stream.of("tiny-gpt2", "tiny-qwen2", "tiny-llama", "tiny-gemma3");
  }

  private static Examples examples(int vocabulary) {
    java.util.Random random = new java.util.Random(4);
    List<Batch.Sequence> all = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      int[] ids = random.ints(2 + i * 5 % (LONGEST - 1), 0, vocabulary).toArray();
      int[] labels = ids.clone();
      Arrays.fill(labels, 0, ids.length / 2, -100);
      all.add(new Batch.Sequence(i, ids, labels));
    }
    return Examples.of(all);
  }

  /** An epoch as a single step: the mean loss and its gradients. */
  private static Run epoch(LoadedWeights weights, Examples examples, Batching batching) {
    StepLoader.Step step = new StepLoader(examples, batching, batching.microBatches(), 3).next();
    float scale = 1f / step.supervised();
    Gradients gradients = new Gradients(weights.parameters());
    SegmentedBackprop backprop =
        new SegmentedBackprop(
            weights.model(),
            weights,
            weights.lowestTrainable(),
            new ScalarKernels(),
            Arena.unbounded(),
            Keep.INPUT);
    double nll = 0;
    int tokens = 0;
    for (List<Batch.Sequence> sequences : step.microBatches()) {
      Batch batch = Batch.of(sequences, scale);
      backprop.step(batch, gradients);
      nll += batch.totalNll();
      tokens += batch.tokens();
    }
    assertThat(step.supervised()).isEqualTo(examples.supervised());
    assertThat(tokens).isPositive();
    return new Run(
        TinyRun.values(weights, gradients), new float[] {(float) (nll / step.supervised())});
  }

  @ParameterizedTest
  @MethodSource("models")
  void packedAndGroupedExamplesHaveTheLossAndGradientsOfSingleOnes(String name) throws IOException {
    try (ModelFolder folder = ModelFolder.open(Resources.find("golden/" + name))) {
      Model model = folder.model();
      LoadedWeights weights = folder.trainable();
      Examples examples = examples(model.vocabulary());
      Run single = epoch(weights, examples, Batching.shuffled(examples, 1));
      Batching packed = Batching.packed(examples, 2 * LONGEST, 2);
      assertThat(packed.microBatches()).isLessThan(COUNT / 3);
      for (Batching batching : List.of(packed, Batching.byLength(examples, 4))) {
        Run together = epoch(weights, examples, batching);
        assertThat(together.nll()[0]).isCloseTo(single.nll()[0], within(1e-5f));
        assertThat(TinyRun.distance(single.gradients(), together.gradients()))
            .isLessThanOrEqualTo(1e-5);
      }
    }
  }
}
