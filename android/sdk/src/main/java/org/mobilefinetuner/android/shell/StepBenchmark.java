package org.mobilefinetuner.android.shell;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.adapter.TargetModules;
import org.mobilefinetuner.android.DeviceBackends;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.metrics.ProcessMemory;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.train.OptimizerStep;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;
import org.mobilefinetuner.train.StepMemory;
import org.mobilefinetuner.train.TrainConfig;

/** {@code bench step}: seconds of a LoRA step on random tokens, all of them predicted. */
final class StepBenchmark {
  private static final int WARMUP = 2; // steps in which the runtime still compiles

  private final PrintStream out;

  StepBenchmark(PrintStream out) {
    this.out = out;
  }

  void run(Arguments arguments) throws IOException {
    Path model = arguments.path("model");
    int batchSize = arguments.whole("batch_size", 8);
    int length = arguments.whole("max_seq_length", 128);
    int steps = arguments.whole("steps", 5);
    int rank = arguments.whole("lora_rank", 8);
    int threads = arguments.whole("threads", Runtime.getRuntime().availableProcessors());
    arguments.requireNoMore();
    try (ModelFolder folder = ModelFolder.open(model);
        Kernels kernels = DeviceBackends.best(threads)) {
      LoadedWeights weights = folder.frozen();
      List<Site> sites = ModelFolder.sites(folder.model());
      for (Site site : TargetModules.of(folder.model().defaultTargets(), sites).sites()) {
        weights.adapt(
            site.name(), Lora.init(site.name(), site.in(), site.out(), rank, 32f / rank, 0, 42));
      }
      TrainConfig config =
          new TrainConfig(
              AdamW.Config.of(0),
              new Schedule(Schedule.Shape.CONSTANT, 2e-4f, 0, WARMUP + steps),
              batchSize,
              1,
              0,
              42,
              0);
      OptimizerStep step =
          new OptimizerStep(weights, config, kernels, StepMemory.unlimited(Keep.INPUT));
      double[] seconds = new double[steps];
      for (int i = 0; i < WARMUP + steps; i++) {
        StepLoader.Step batch = random(folder.model().vocabulary(), batchSize, length, i);
        long start = System.nanoTime();
        step.run(batch, i, config.schedule().rate(i));
        if (i >= WARMUP) {
          seconds[i - WARMUP] = (System.nanoTime() - start) * 1e-9;
        }
      }
      Arrays.sort(seconds);
      print(kernels, batchSize, length, seconds);
    }
  }

  private static StepLoader.Step random(int vocabulary, int batchSize, int length, int step) {
    List<Batch.Sequence> sequences = new ArrayList<>();
    for (int s = 0; s < batchSize; s++) {
      int[] ids = new int[length];
      for (int t = 0; t < length; t++) {
        ids[t] = (int) (Draws.uniform(Draws.key(Draws.key(step, s), t)) * vocabulary);
      }
      sequences.add(new Batch.Sequence(s, ids, ids.clone()));
    }
    return new StepLoader.Step(0, List.of(sequences));
  }

  private void print(Kernels kernels, int batchSize, int length, double[] seconds) {
    double median = seconds[seconds.length / 2];
    out.printf(
        Locale.ROOT,
        "%d x %d, %s, %d threads: %.3f s/step (%.3f to %.3f), %.1f tokens/s, peak memory %,d MB%n",
        batchSize,
        length,
        kernels.name(),
        kernels.threads(),
        median,
        seconds[0],
        seconds[seconds.length - 1],
        batchSize * length / median,
        new ProcessMemory().peakResidentBytes().orElse(0) / 1_000_000);
  }
}
