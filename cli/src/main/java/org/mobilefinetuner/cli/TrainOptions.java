package org.mobilefinetuner.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.tensor.Format;
import picocli.CommandLine.Option;

/** What {@code mft train} can be told; defaults that depend on the method are null here. */
final class TrainOptions {
  /** Which weights are trained. */
  enum Method {
    LORA,
    DORA,
    FULL
  }

  /** Which tensors weight decay applies to. */
  enum DecayOn {
    MATRICES,
    ALL
  }

  @Option(
      names = {"--method", "--fine-tune-type"},
      defaultValue = "LORA",
      description = "lora, dora or full (default: lora).")
  Method method = Method.LORA;

  @Option(
      names = {"--lora-rank", "--lora-r", "-r"},
      paramLabel = "R",
      description = "Rank of LoRA's matrices (default: 8).")
  int loraRank = 8;

  @Option(
      names = "--lora-alpha",
      paramLabel = "ALPHA",
      description = "LoRA is scaled by alpha/rank (default: 16).")
  float loraAlpha = 16;

  @Option(
      names = {"--use-rslora", "--rslora"},
      description = "Scale LoRA by alpha/√rank instead, for high ranks.")
  boolean useRslora;

  @Option(
      names = "--lora-dropout",
      paramLabel = "RATE",
      description = "Dropout on LoRA's input (default: 0).")
  float loraDropout;

  @Option(
      names = {"--lora-targets", "--lora-target-modules", "--lora-modules"},
      split = ",",
      paramLabel = "NAME",
      description = "Modules to adapt, such as c_attn,c_proj (default: all-linear).")
  List<String> loraTargets = List.of("all-linear");

  @Option(
      names = {"--adapter", "--resume-adapter-file"},
      paramLabel = "DIR",
      description = "Start from this adapter instead of a new one.")
  @Nullable Path adapter;

  @Option(
      names = {"--learning-rate", "--lr"},
      paramLabel = "RATE",
      description = "Peak learning rate (default: 2e-4 for lora and dora, 2e-5 for full).")
  @Nullable Float learningRate;

  @Option(
      names = {"--lr-scheduler-type", "--lr-scheduler"},
      defaultValue = "COSINE",
      description = "constant, linear or cosine (default: cosine).")
  Schedule.Shape scheduler = Schedule.Shape.COSINE;

  @Option(
      names = "--warmup-ratio",
      paramLabel = "FRACTION",
      description = "Part of the steps in which the rate rises from 0 (default: 0.03).")
  double warmupRatio = 0.03;

  @Option(
      names = "--warmup-steps",
      paramLabel = "N",
      description = "The same as a number of steps; beats --warmup-ratio.")
  @Nullable Integer warmupSteps;

  @Option(
      names = {"--batch-size", "--per-device-train-batch-size"},
      paramLabel = "N",
      description = "Sequences of a micro-batch (default: 4).")
  int batchSize = 4;

  @Option(
      names = {"--grad-accumulation-steps", "--gradient-accumulation-steps", "--grad-accum"},
      paramLabel = "N",
      description = "Micro-batches of an optimizer step (default: 1).")
  int accumulation = 1;

  @Option(
      names = {"--epochs", "--num-train-epochs"},
      paramLabel = "N",
      description = "Passes over the data (default: 1).")
  int epochs = 1;

  @Option(
      names = {"--max-steps", "--iters"},
      paramLabel = "N",
      description = "Optimizer steps; beats --epochs.")
  @Nullable Integer maxSteps;

  @Option(
      names = {"--packing", "--neat-packing"},
      description =
          "Put whole examples together, up to --max-seq-length tokens; "
              + "--batch-size counts such bins.")
  boolean packing;

  @Option(
      names = "--group-by-length",
      description = "Put examples of like length into a micro-batch.")
  boolean groupByLength;

  @Option(
      names = {"--weight-decay", "--wd"},
      paramLabel = "RATE",
      description = "Decoupled weight decay (default: 0 for lora and dora, 0.01 for full).")
  @Nullable Float weightDecay;

  @Option(
      names = "--weight-decay-on",
      defaultValue = "MATRICES",
      description = "matrices, or all to include norms and biases (default: matrices).")
  DecayOn weightDecayOn = DecayOn.MATRICES;

  @Option(
      names = {"--max-grad-norm", "--clip-grad"},
      paramLabel = "NORM",
      description = "Clip gradients to this global norm; 0 for never (default: 1.0).")
  float maxGradNorm = 1;

  @Option(
      names = "--dropout",
      paramLabel = "RATE",
      description = "Dropout on the embedding's and the blocks' outputs (default: 0).")
  float dropout;

  @Option(names = "--seed", description = "Of order, dropout and new adapters (default: 42).")
  long seed = 42;

  @Option(
      names = {"--grad-checkpoint", "--gradient-checkpointing"},
      description = "Keep only each block's input and compute the rest again: slower, smaller.")
  boolean gradCheckpoint;

  @Option(
      names = {"--eval-steps", "--steps-per-eval"},
      paramLabel = "N",
      description = "Steps between evaluations (default: once an epoch).")
  @Nullable Integer evalSteps;

  @Option(
      names = {"--logging-steps", "--steps-per-report"},
      paramLabel = "N",
      description = "Steps between lines of the log (default: 10).")
  int loggingSteps = 10;

  @Option(
      names = {"--output-dir", "--adapter-path", "-o"},
      paramLabel = "DIR",
      required = true,
      description = "Where the adapter or model and the log go.")
  Path outputDir = Path.of("");

  @Option(
      names = "--save-dtype",
      paramLabel = "TYPE",
      description = "f32, bf16 or f16 for a fully trained model (default: as the model's files).")
  @Nullable Format saveDtype;

  @Option(
      names = "--overwrite-output-dir",
      description = "Replace a run that is there and cannot be continued, once this one has ended.")
  boolean overwrite;

  @Option(
      names = "--dump-batches",
      paramLabel = "FILE",
      description = "Write the batches as they are seen, as JSONL.")
  @Nullable Path dumpBatches;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "YAML with these options; the command line beats it.")
  @Nullable Path config;

  /**
   * @throws IllegalArgumentException if a number is wrong, whatever the model is
   */
  void check() {
    if (loggingSteps < 1) {
      throw new IllegalArgumentException(
          "expected --logging-steps of at least 1, found " + loggingSteps);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("expected --dropout from 0 to below 1, found " + dropout);
    }
    if (loraRank < 1) {
      throw new IllegalArgumentException("expected --lora-rank of at least 1, found " + loraRank);
    }
    if (!(Math.abs(loraAlpha) <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException("expected a finite --lora-alpha, found " + loraAlpha);
    }
    if (!(loraDropout >= 0 && loraDropout < 1)) {
      throw new IllegalArgumentException(
          "expected --lora-dropout from 0 to below 1, found " + loraDropout);
    }
    if (packing && groupByLength) {
      throw new IllegalArgumentException(
          "expected --packing or --group-by-length, found both; packing needs no groups");
    }
    if (batchSize < 1 || accumulation < 1) {
      throw new IllegalArgumentException(
          "expected --batch-size and --grad-accumulation-steps of at least 1, found "
              + batchSize
              + " and "
              + accumulation);
    }
  }
}
