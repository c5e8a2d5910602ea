package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.adapter.TargetModules;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.metrics.ProcessMemory;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.model.Flops;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.Model;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.plan.Adaptation;
import org.mobilefinetuner.plan.MemoryPlan;
import org.mobilefinetuner.plan.Workload;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.train.LoraSetup;
import org.mobilefinetuner.train.OptimizerStep;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;
import org.mobilefinetuner.train.TrainConfig;
import org.mobilefinetuner.vector.FmaPeak;
import org.mobilefinetuner.vector.VectorKernelsProvider;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mft bench step}: seconds per training step on random tokens, all of them predicted. */
@Command(
    name = "step",
    description = "Measures a training step on random tokens.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class BenchStep implements Callable<Integer>, Planned {
  private static final int WARMUP = 2; // steps in which Java still compiles

  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private FrozenOptions base = new FrozenOptions();
  @Mixin private BackendOptions backend = new BackendOptions();
  @Mixin private MemoryOptions memory = new MemoryOptions();

  @Option(
      names = {"--method", "--fine-tune-type"},
      description = "lora or full (default: lora).")
  private TrainOptions.Method method = TrainOptions.Method.LORA;

  @Option(
      names = {"--batch-size", "--per-device-train-batch-size"},
      paramLabel = "N",
      description = "Sequences of a step (default: 8).")
  private int batchSize = 8;

  @Option(
      names = {"--max-seq-length", "--max-length", "--cutoff-len", "--ctx"},
      paramLabel = "N",
      description = "Tokens of a sequence (default: 128).")
  private int length = 128;

  @Option(names = "--steps", paramLabel = "N", description = "Steps to measure (default: 5).")
  private int steps = 5;

  @Option(
      names = {"--lora-rank", "--lora-r", "-r"},
      paramLabel = "R",
      description = "Rank of LoRA's matrices (default: 8).")
  private int rank = 8;

  @Option(
      names = {"--lora-targets", "--lora-target-modules", "--lora-modules"},
      split = ",",
      paramLabel = "NAME",
      description = "Modules to adapt (default: the model's usual ones, such as c_attn).")
  private List<String> targets = List.of();

  @Option(
      names = {"--grad-checkpoint", "--gradient-checkpointing"},
      description = "Keep only each block's input and compute the rest again.")
  private boolean gradCheckpoint;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "NORM",
      description = {
        "Clip gradients to this global norm; 0 for never, which lets full",
        "fine-tuning update one segment after the other (default: 0)."
      })
  private float maxGradNorm;

  private int microBatch;
  private long plannedBytes; // 0 without a budget

  @Option(names = "--profile", description = "Show what each kernel takes of a step.")
  private boolean profile;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public long budgetBytes() {
    return memory.bytes();
  }

  @Override
  public @Nullable MemoryPlan plan() throws IOException {
    check();
    try (ModelFolder folder = ModelFolder.open(modelOptions.model)) {
      return memory.given() ? plan(folder) : null;
    }
  }

  private MemoryPlan plan(ModelFolder folder) throws IOException {
    return memory.plan(planning(folder));
  }

  private Planning planning(ModelFolder folder) throws IOException {
    return new Planning(workload(folder), backend.runtime(), base.open(folder));
  }

  private Workload workload(ModelFolder folder) throws IOException {
    List<Site> adapted =
        method == TrainOptions.Method.FULL
            ? List.of()
            : TargetModules.of(targets(folder.model()), ModelFolder.sites(folder.model())).sites();
    Adaptation adapter = new Adaptation(adapted, rank, method == TrainOptions.Method.DORA, 0);
    return new Workload(
        folder.model(), base.storedBytes(folder), adapter, batchSize, 1, length, maxGradNorm > 0);
  }

  private List<String> targets(Model model) {
    return targets.isEmpty() ? model.defaultTargets() : targets;
  }

  private void check() {
    if (steps < 1 || batchSize < 1 || length < 2) {
      throw usage(
          "expected at least 1 step, 1 sequence and 2 tokens, found "
              + steps
              + ", "
              + batchSize
              + ", "
              + length);
    }
    if (rank < 1) {
      throw usage("expected --lora-rank of at least 1, found " + rank);
    }
  }

  @Override
  public Integer call() throws IOException {
    check();
    try (ModelFolder folder = ModelFolder.open(modelOptions.model);
        Kernels plain = backend.kernels()) {
      KernelTimes times = new KernelTimes(plain);
      Kernels kernels = profile ? times.watched() : plain;
      Model model = folder.model();
      if (length > model.positions()) {
        throw usage(
            "expected --max-seq-length of at most the model's "
                + model.positions()
                + " positions, found "
                + length);
      }
      boolean full = method == TrainOptions.Method.FULL;
      if (full) {
        base.requireTrainable(folder);
      }
      int all = WARMUP + steps;
      try (PlannedMemory planned = planned(folder)) {
        LoadedWeights weights = full ? planned.trained(folder) : planned.frozen(base.load(folder));
        if (!full) {
          boolean dora = method == TrainOptions.Method.DORA;
          new LoraSetup(dora, rank, 32f / rank, 0, targets(model), 42).applyTo(weights);
        }
        TrainConfig config =
            new TrainConfig(
                AdamW.Config.of(full ? 0.01f : 0),
                new Schedule(Schedule.Shape.CONSTANT, 2e-4f, 0, all),
                microBatch,
                batchSize / microBatch,
                maxGradNorm,
                42,
                0);
        OptimizerStep step = new OptimizerStep(weights, config, kernels, planned.memory());
        StepMeter meter = new StepMeter(steps);
        double[] limits = new double[steps]; // GFLOP/s: the processor's own, measured in between
        double loss = Double.NaN;
        for (int i = 0; i < all; i++) {
          StepLoader.Step batch = random(model.vocabulary(), i);
          if (i >= WARMUP) {
            if (i == WARMUP) {
              times.begin(steps);
            }
            limits[i - WARMUP] = fmaLimit(kernels.threads());
            meter.begin();
          }
          loss = step.run(batch, i, config.schedule().rate(i)).loss();
          if (i >= WARMUP) {
            meter.end();
          }
        }
        print(
            kernels,
            weights,
            full,
            planned.memory().arena(),
            meter,
            Medians.of(limits),
            loss,
            times);
      }
    }
    return 0;
  }

  private PlannedMemory planned(ModelFolder folder) throws IOException {
    microBatch = batchSize;
    if (!memory.given()) {
      return PlannedMemory.unlimited(
          new Keep(gradCheckpoint ? 0 : Integer.MAX_VALUE, null, memory.boundaries()));
    }
    Planning planning = planning(folder);
    MemoryPlan plan = memory.plan(planning);
    microBatch = plan.batchSize();
    plannedBytes = plan.totalBytes();
    PrintWriter err = spec.commandLine().getErr();
    err.println(PlannedMemory.describe(plan, folder.model().segments().size() - 1));
    memory.changes(plan, planning).ifPresent(err::println);
    memory.limit(plan).ifPresent(err::println);
    base.choose(plan.base());
    memory.choose(plan);
    return PlannedMemory.bounded(plan, planning.workload());
  }

  private CommandLine.ParameterException usage(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }

  private StepLoader.Step random(int vocabulary, int step) {
    List<List<Batch.Sequence>> batches = new ArrayList<>();
    for (int s = 0; s < batchSize; s++) {
      int[] ids = new int[length];
      for (int t = 0; t < length; t++) {
        ids[t] = (int) (Draws.uniform(Draws.key(Draws.key(step, s), t)) * vocabulary);
      }
      if (s % microBatch == 0) {
        batches.add(new ArrayList<>());
      }
      batches.getLast().add(new Batch.Sequence(s, ids, ids.clone()));
    }
    return new StepLoader.Step(0, batches);
  }

  private void print(
      Kernels kernels,
      LoadedWeights weights,
      boolean full,
      Arena arena,
      StepMeter meter,
      double limit,
      double loss,
      KernelTimes times) {
    double[] seconds = meter.seconds();
    Arrays.sort(seconds);
    double median = seconds[seconds.length / 2];
    long tokens = (long) batchSize * length;
    Set<String> adapted = weights.adapters().keySet();
    double gflop =
        1e-9
            * Flops.ofStep(
                weights.model(), weights.lowestTrainable(), full, adapted, rank, tokens, length);
    long peak = new ProcessMemory().peakResidentBytes().orElse(0);
    JsonObject result =
        JsonObject.empty()
            .put("model", weights.model().type())
            .put("method", full ? "full" : "lora")
            .put("base_format", base.format().toString())
            .put("batch_size", batchSize)
            .put("max_seq_length", length)
            .put("backend", kernels.name())
            .put("threads", kernels.threads())
            .put("seconds_per_step", median)
            .put("seconds_min", seconds[0])
            .put("seconds_max", seconds[seconds.length - 1])
            .put("seconds", Arrays.stream(meter.seconds()).boxed().toList())
            .put("tokens_per_second", tokens / median)
            .put("gflop_per_step", gflop)
            .put("gflops", gflop / median)
            .put("fma_limit_gflops", limit == 0 ? null : limit)
            .put("share_of_limit", limit == 0 ? null : gflop / median / limit)
            .put("allocated_bytes_per_step", meter.allocatedBytes())
            .put("gc_pause_ms_max", meter.longestPauseMillis())
            .put("arena_peak_bytes", arena.highWaterBytes())
            .put("planned_bytes", plannedBytes)
            .put("peak_rss_bytes", peak)
            .put("loss", loss)
            .put("kernels", profile ? times.json() : null);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(result);
    } else {
      out.printf(
          Locale.ROOT,
          "%s %s %d x %d, %s, %d threads: %.3f s/step (%.3f to %.3f), %.1f tokens/s, %.1f GFLOP/s"
              + "%s, peak memory %,d MB, loss %.3f%n",
          weights.model().type(),
          full ? "full" : "lora",
          batchSize,
          length,
          kernels.name(),
          kernels.threads(),
          median,
          seconds[0],
          seconds[seconds.length - 1],
          tokens / median,
          gflop / median,
          limit == 0
              ? ""
              : String.format(Locale.ROOT, " (%.0f %% of the limit)", 100 * gflop / median / limit),
          peak / 1_000_000,
          loss);
      if (profile) {
        times.print(Arrays.stream(seconds).sum(), out);
      }
    }
  }

  /** GFLOP/s that the processor can do at all, or 0 where that cannot be measured. */
  private static double fmaLimit(int threads) {
    return new VectorKernelsProvider().unavailable() == null ? FmaPeak.gflops(threads) : 0;
  }
}
