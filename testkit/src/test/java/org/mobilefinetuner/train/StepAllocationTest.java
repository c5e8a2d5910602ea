package org.mobilefinetuner.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.autograd.Gradients;
import org.mobilefinetuner.kernel.IdleKernels;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.testkit.TinyModels;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/**
 * A forward and backward pass that has run before asks Java for no memory but small objects.
 * Kernels, whose scratch is their own, do nothing here.
 */
class StepAllocationTest {
  private static final long MIB = 1 << 20;
  private static final int WARM_UP = 2;

  @Test
  void aStepAllocatesNoArraysOfValues() throws IOException {
    long small = bytesOfStep(16, 16, 50);
    long large = bytesOfStep(1024, 128, 700); // one array of tokens × width has 512 KiB
    assertThat(small).isLessThan(MIB);
    assertThat(large - small).isLessThan(128 << 10);
  }

  /** The bytes that all threads allocate in a step, the fewest of some. */
  private static long bytesOfStep(int tokens, int width, int vocabulary) throws IOException {
    Model model = Models.of(TinyModels.gpt2(vocabulary, tokens, width, 1, 2), Format.F32, 0.1f);
    LoadedWeights weights =
        LoadedWeights.trainable(model, TinyModels.source(TinyModels.weights(model, 5)));
    int[] ids = new Random(1).ints(tokens, 0, vocabulary).toArray();
    Batch batch = Batch.of(List.of(new Batch.Sequence(0, ids, ids)), 1);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long fewest = Long.MAX_VALUE;
    try (Kernels kernels = new IdleKernels()) {
      Gradients gradients = new Gradients(weights.parameters());
      SegmentedBackprop backprop =
          new SegmentedBackprop(model, weights, 0, kernels, Arena.unbounded(), Keep.TAPE);
      for (int i = 0; i < WARM_UP + 2; i++) {
        long before = threads.getTotalThreadAllocatedBytes();
        backprop.step(batch, gradients, 3);
        long bytes = threads.getTotalThreadAllocatedBytes() - before;
        fewest = i < WARM_UP ? fewest : Math.min(fewest, bytes);
      }
    }
    return fewest;
  }
}
