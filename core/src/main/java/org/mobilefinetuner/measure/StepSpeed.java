package org.mobilefinetuner.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.io.AtomicFolder;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.Flops;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.model.ModelWriter;
import org.mobilefinetuner.model.Models;
import org.mobilefinetuner.model.RandomWeights;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.train.LoraSetup;
import org.mobilefinetuner.train.OptimizerStep;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;
import org.mobilefinetuner.train.StepMemory;
import org.mobilefinetuner.train.TrainConfig;

/** The speed of a LoRA step of a small model of random weights, on random tokens. */
final class StepSpeed {
  private static final int WARMUP = 3; // steps in which the runtime still compiles
  private static final int RANK = 8;
  private static final String CONFIG =
      "{\"model_type\":\"llama\",\"vocab_size\":4096,\"hidden_size\":256,"
          + "\"intermediate_size\":704,\"num_hidden_layers\":6,\"num_attention_heads\":4,"
          + "\"num_key_value_heads\":2,\"max_position_embeddings\":256,\"rms_norm_eps\":1e-5,"
          + "\"hidden_act\":\"silu\",\"tie_word_embeddings\":true}";

  private final int batchSize;
  private final int length;
  private final int steps;

  StepSpeed(int batchSize, int length, int steps) {
    this.batchSize = batchSize;
    this.length = length;
    this.steps = steps;
  }

  /**
   * Measures it: the median of some steps.
   *
   * @param scratch a folder in which the model is put meanwhile
   */
  JsonObject measure(Kernels kernels, Path scratch) throws IOException {
    Path folder = Files.createTempDirectory(scratch, "mft-benchmark");
    try {
      JsonObject config = JsonObject.parse("the benchmark's model", CONFIG);
      try (Parallel team = new Parallel(kernels.threads())) {
        RandomWeights random = new RandomWeights(42, team);
        Path written = folder.resolve("model");
        ModelWriter.write(written, Models.of(config), config, Format.BF16, random::of, null);
        try (ModelFolder model = ModelFolder.open(written)) {
          return measure(kernels, model);
        }
      }
    } finally {
      AtomicFolder.delete(folder);
    }
  }

  private JsonObject measure(Kernels kernels, ModelFolder folder) throws IOException {
    Model model = folder.model();
    LoadedWeights weights = folder.frozen();
    new LoraSetup(false, RANK, 2, 0, model.defaultTargets(), 42).applyTo(weights);
    Schedule schedule = new Schedule(Schedule.Shape.CONSTANT, 2e-4f, 0, WARMUP + steps);
    TrainConfig config = new TrainConfig(AdamW.Config.of(0), schedule, batchSize, 1, 0, 42, 0);
    OptimizerStep step =
        new OptimizerStep(weights, config, kernels, StepMemory.unlimited(Keep.INPUT));
    double[] seconds = new double[steps];
    double loss = Double.NaN;
    for (int i = 0; i < WARMUP + steps; i++) {
      StepLoader.Step batch = random(model.vocabulary(), i);
      long start = System.nanoTime();
      loss = step.run(batch, i, schedule.rate(i)).loss();
      seconds[Math.max(0, i - WARMUP)] = (System.nanoTime() - start) * 1e-9;
    }
    Arrays.sort(seconds);
    double median = seconds[steps / 2];
    long tokens = (long) batchSize * length;
    double flops =
        Flops.ofStep(
            model,
            weights.lowestTrainable(),
            false,
            weights.adapters().keySet(),
            RANK,
            tokens,
            length);
    return JsonObject.empty()
        .put("model", "random llama, " + model.parameters() + " weights in bf16")
        .put("method", "lora")
        .put("batch_size", batchSize)
        .put("max_seq_length", length)
        .put("seconds", median)
        .put("seconds_min", seconds[0])
        .put("seconds_max", seconds[steps - 1])
        .put("tokens_per_second", tokens / median)
        .put("gflops", 1e-9 * flops / median)
        .put("loss", loss);
  }

  private StepLoader.Step random(int vocabulary, int step) {
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
}
