package org.mobilefinetuner.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.Lora;
import org.mobilefinetuner.adapter.PeftFolder;
import org.mobilefinetuner.adapter.TargetModules;
import org.mobilefinetuner.data.Batching;
import org.mobilefinetuner.data.DataReader;
import org.mobilefinetuner.data.DataSet;
import org.mobilefinetuner.data.DataSettings;
import org.mobilefinetuner.data.Examples;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;

/**
 * Fine-tunes a model with LoRA from a program, in a few lines. What is not said is as in {@code mft
 * train}. Whoever wants more puts a {@link Trainer} together from its parts, as this class does.
 *
 * <p>Not thread-safe, but {@link #stop} may be called from anywhere.
 */
public final class FineTuning {
  private static final int USUAL_LENGTH = 512;
  private static final double WARMUP = 0.03;

  private final Path model;
  private final Path data;
  private int rank = 8;
  private float alpha = 16;
  private List<String> targets = Collections.singletonList(TargetModules.ALL_LINEAR);
  private float learningRate = 2e-4f;
  private int batchSize = 4;
  private int steps; // 0 for one pass over the data
  private int maxLength; // 0 for the usual
  private long seed = 42;
  private int threads = Runtime.getRuntime().availableProcessors();
  private TrainingListener listener = new TrainingListener() {};
  private volatile boolean stopped;
  private volatile @Nullable Trainer trainer;

  private FineTuning(Path model, Path data) {
    this.model = model;
    this.data = data;
  }

  /**
   * A run that has not begun.
   *
   * @param model a model folder in Hugging Face's format
   * @param data JSONL, a JSON array or text, in any format that {@code mft train} knows
   */
  public static FineTuning of(Path model, Path data) {
    return new FineTuning(model, data);
  }

  /** The rank of LoRA's matrices (8), whose product is scaled by alpha/rank (alpha is 16). */
  public FineTuning lora(int newRank, float newAlpha) {
    rank = newRank;
    alpha = newAlpha;
    return this;
  }

  /** The names of the modules to adapt, such as {@code q_proj} (all that are linear). */
  public FineTuning targets(String... names) {
    targets = Arrays.asList(names.clone());
    return this;
  }

  /** The highest learning rate (2e-4), to which it rises and from which it falls as a cosine. */
  public FineTuning learningRate(float rate) {
    learningRate = rate;
    return this;
  }

  /** Sequences of a step (4). */
  public FineTuning batchSize(int size) {
    batchSize = size;
    return this;
  }

  /** Optimizer steps (one pass over the data). */
  public FineTuning steps(int count) {
    steps = count;
    return this;
  }

  /** Longer sequences are cut to so many tokens (512, or what the model can). */
  public FineTuning maxLength(int tokens) {
    maxLength = tokens;
    return this;
  }

  /** Of the order of the examples and of the new adapters (42). */
  public FineTuning seed(long number) {
    seed = number;
    return this;
  }

  /** Threads that compute (one for each processor). */
  public FineTuning threads(int count) {
    threads = count;
    return this;
  }

  /** Who is told what happens, on the thread that calls {@link #run}. */
  public FineTuning listener(TrainingListener told) {
    listener = told;
    return this;
  }

  /** Ends the run after the step that is being made; what has been learned is saved. */
  public void stop() {
    stopped = true;
    Trainer running = trainer;
    if (running != null) {
      running.stop();
    }
  }

  /**
   * Makes the run.
   *
   * @param output the folder for the adapter, in PEFT's format
   * @return how far it came
   * @throws IOException if the model, the data or the output cannot be read or written
   * @throws IllegalArgumentException if a setting does not suit the model
   * @throws TrainingFailedException if the loss or a gradient is not finite; nothing is written
   */
  public Progress run(Path output) throws IOException {
    try (ModelFolder folder = ModelFolder.open(model);
        Kernels kernels = Backends.best(threads)) {
      int length = maxLength > 0 ? maxLength : Math.min(USUAL_LENGTH, folder.model().positions());
      try (DataSet examples = DataReader.of(folder, DataSettings.of(length)).read(data)) {
        return run(folder, examples.examples(), kernels, output);
      }
    }
  }

  private Progress run(ModelFolder folder, Examples examples, Kernels kernels, Path output)
      throws IOException {
    LoadedWeights weights = folder.frozen();
    float scale = Lora.scale(alpha, rank, false);
    TargetModules adapted = new LoraSetup(false, rank, scale, 0, targets, seed).applyTo(weights);
    StepLoader loader = new StepLoader(examples, Batching.shuffled(examples, batchSize), 1, seed);
    int total = steps > 0 ? steps : loader.stepsPerEpoch();
    TrainConfig config =
        new TrainConfig(
            AdamW.Config.of(0),
            new Schedule(
                Schedule.Shape.COSINE, learningRate, (int) Math.ceil(WARMUP * total), total),
            batchSize,
            1,
            1,
            seed,
            0);
    Trainer made =
        new Trainer(
            weights,
            config,
            kernels,
            StepMemory.unlimited(Keep.TAPE),
            System::nanoTime,
            StepGate.OPEN,
            listener);
    trainer = made;
    if (stopped) {
      made.stop();
    }
    Progress progress = made.run(loader, Examples.of(Collections.emptyList()));
    PeftFolder.write(
        output,
        new PeftFolder.Settings(null, rank, alpha, false, 0, false, adapted),
        weights.adapters().values());
    return progress;
  }
}
