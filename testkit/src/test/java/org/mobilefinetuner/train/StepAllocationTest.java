package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.io.TensorSource;
import org.mobilefinetuner.kernel.IdleKernels;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.SoftmaxSums;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;
import org.mobilefinetuner.testkit.TinyModels;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/**
 * A whole step that has run before, with clipping, optimizer and schedule, asks Java for no memory
 * but small objects. Kernels, whose scratch is their own, do nothing here.
 */
class StepAllocationTest {
  private static final long MIB = 1 << 20;
  private static final long SOME_OBJECTS = 128 << 10; // one array of tokens × width has 512 KiB
  private static final int WARM_UP = 3;
  private static final int SEQUENCES = 2;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStepAllocatesNoArraysOfValues(boolean full) throws IOException {
    long small = bytesOfStep(full, 16, 16, 50);
    assertThat(small).isLessThan(MIB);
    assertThat(bytesOfStep(full, 512, 128, 700) - small).isLessThan(SOME_OBJECTS);
  }

  /** Kernels that do nothing, but that the loss is a number. */
  private static final class FiniteKernels extends IdleKernels {
    @Override
    public void softmaxSums(Tensor logits, int column, int[] targets, SoftmaxSums sums) {
      for (int row = 0; row < logits.rows(); row++) {
        sums.add(row, StrictMath.exp(-sums.raise(row, 0)));
      }
    }
  }

  /** The bytes that all threads allocate in a step, the fewest of some. */
  private static long bytesOfStep(boolean full, int length, int width, int vocabulary)
      throws IOException {
    Model model = Models.of(TinyModels.gpt2(vocabulary, length, width, 1, 2), Format.F32, 0.1f);
    Schedule schedule = new Schedule(Schedule.Shape.COSINE, 1e-3f, 1, 100);
    TrainConfig config =
        new TrainConfig(AdamW.Config.of(0.01f), schedule, SEQUENCES, 1, 0.5f, TinyRun.SEED, 0);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    StepLoader.Step batch = batch(length, vocabulary);
    long fewest = Long.MAX_VALUE;
    try (Kernels kernels = new FiniteKernels()) {
      OptimizerStep step =
          new OptimizerStep(weights(model, full), config, kernels, StepMemory.unlimited(Keep.TAPE));
      step.resume(WARM_UP, schedule); // the gradients are 0, for which the first steps look
      for (int i = WARM_UP; i < 2 * WARM_UP + 2; i++) {
        long before = threads.getTotalThreadAllocatedBytes();
        step.run(batch, i, schedule.rate(i));
        long bytes = threads.getTotalThreadAllocatedBytes() - before;
        fewest = i < 2 * WARM_UP ? fewest : Math.min(fewest, bytes);
      }
    }
    return fewest;
  }

  private static LoadedWeights weights(Model model, boolean full) throws IOException {
    TensorSource source = TinyModels.source(TinyModels.weights(model, 5));
    if (full) {
      return LoadedWeights.trainable(model, source);
    }
    LoadedWeights weights = LoadedWeights.frozen(model, source);
    for (Site site : ModelFolder.sites(model)) {
      weights.adapt(site.name(), Lora.init(site.name(), site.in(), site.out(), 2, 1, 0.1f, 1));
    }
    return weights;
  }

  private static StepLoader.Step batch(int length, int vocabulary) {
    Random random = new Random(1);
    List<Batch.Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < SEQUENCES; i++) {
      int[] ids = random.ints(length, 0, vocabulary).toArray();
      sequences.add(new Batch.Sequence(i, ids, ids));
    }
    return new StepLoader.Step(0, List.of(sequences));
  }
}
