package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.AdapterFolder;
import org.mobilefinetuner.adapter.Dora;
import org.mobilefinetuner.adapter.LowRankAdapter;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.adapter.TargetModules;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.cli.TrainOptions.DecayOn;
import org.mobilefinetuner.cli.TrainOptions.Method;
import org.mobilefinetuner.data.Batching;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.metrics.MemoryNearLimit;
import org.mobilefinetuner.metrics.Symptom;
import org.mobilefinetuner.model.FrozenFormat;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.optim.AdamW;
import org.mobilefinetuner.optim.Schedule;
import org.mobilefinetuner.plan.Adaptation;
import org.mobilefinetuner.plan.MemoryPlan;
import org.mobilefinetuner.plan.Workload;
import org.mobilefinetuner.train.Checkpointer;
import org.mobilefinetuner.train.RunFolder;
import org.mobilefinetuner.train.RunInputs;
import org.mobilefinetuner.train.RunSettings;
import org.mobilefinetuner.train.SegmentedBackprop.Keep;
import org.mobilefinetuner.train.TrainConfig;
import org.mobilefinetuner.train.TroubleWatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code mft train}: fine-tunes a model with LoRA or in full. */
@Command(
    name = "train",
    description = "Fine-tunes a model with LoRA or in full.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer>, Planned {
  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private DataOptions dataOptions = new DataOptions();
  @Mixin private TrainOptions options = new TrainOptions();
  @Mixin private CheckpointOptions checkpoints = new CheckpointOptions();
  @Mixin private ReportOptions reportOptions = new ReportOptions();
  @Mixin private MemoryOptions memory = new MemoryOptions();
  @Mixin private PowerOptions power = new PowerOptions();
  @Mixin private FrozenOptions base = new FrozenOptions();
  @Mixin private BackendOptions backend = new BackendOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Whether all that an earlier attempt had left to do was to move its files. */
  private boolean completed;

  @Override
  public Integer call() throws IOException {
    completed = RunFolder.completePublishing(options.outputDir);
    if (completed) {
      say("Put the run in its place that was finished in " + options.outputDir);
    }
    if (!options.overwrite && RunFolder.holdsFinishedRun(options.outputDir)) {
      throw usage(
          "expected an output folder without a finished run, found one in "
              + options.outputDir
              + "; choose another --output-dir, or give --overwrite-output-dir");
    }
    checkPaths();
    Checkpointer.Policy policy;
    try {
      options.check();
      dataOptions.check();
      reportOptions.check();
      policy = checkpoints.policy();
      power.check();
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
    try (Interrupt interrupt = new Interrupt(spec.commandLine().getErr());
        ModelFolder folder = ModelFolder.open(modelOptions.model, options.dropout)) {
      TrainingData read;
      try {
        read = TrainingData.read(dataOptions, folder);
      } catch (IllegalArgumentException e) {
        throw usage(String.valueOf(e.getMessage()));
      }
      try (TrainingData data = read) {
        return train(folder, data, policy, interrupt);
      }
    }
  }

  /** Nothing that was given may be overwritten. */
  private void checkPaths() throws IOException {
    if (options.dumpBatches != null && Files.exists(options.dumpBatches)) {
      throw usage(
          "expected no file for --dump-batches, found one at "
              + options.dumpBatches
              + "; choose another name");
    }
    for (Path input : Arrays.asList(modelOptions.model, options.adapter)) {
      if (input != null
          && Files.exists(input)
          && Files.exists(options.outputDir)
          && RunFolder.writesTo(options.outputDir, input)) {
        throw usage(
            "expected an --output-dir of its own, found what is read from, "
                + input
                + "; choose another folder");
      }
    }
  }

  @Override
  public long budgetBytes() {
    return memory.bytes();
  }

  @Override
  public @Nullable MemoryPlan plan() throws IOException {
    if (!memory.given()) {
      return null;
    }
    try (ModelFolder folder = ModelFolder.open(modelOptions.model, options.dropout)) {
      return plan(folder).plan();
    }
  }

  /** A plan and what it was made for. */
  private record Made(MemoryPlan plan, Planning planning) {}

  private Made plan(ModelFolder folder) throws IOException {
    @Nullable EarlierChoices earlier = EarlierChoices.of(options, checkpoints);
    if (earlier != null) {
      memory.keep(earlier, options, base);
    }
    Planning planning = planning(folder);
    return new Made(memory.plan(planning), planning);
  }

  private Planning planning(ModelFolder folder) throws IOException {
    return new Planning(workload(folder), backend.runtime(), base.open(folder));
  }

  private Workload workload(ModelFolder folder) throws IOException {
    List<Site> sites = ModelFolder.sites(folder.model());
    try {
      return new Workload(
          folder.model(),
          base.storedBytes(folder),
          adaptation(sites),
          options.batchSize,
          options.accumulation,
          dataOptions.settings(folder.model().positions()).maxLength(),
          options.maxGradNorm > 0);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private Adaptation adaptation(List<Site> sites) throws IOException {
    if (options.adapter != null) {
      Map<String, LowRankAdapter> adapters = AdapterFolder.read(options.adapter, sites);
      LowRankAdapter first = adapters.values().iterator().next();
      return new Adaptation(
          TargetModules.of(List.copyOf(adapters.keySet()), sites).sites(),
          first.lora().rank(),
          first instanceof Dora,
          first.lora().dropout());
    }
    boolean full = options.method == Method.FULL;
    return new Adaptation(
        full ? List.of() : TargetModules.of(options.loraTargets, sites).sites(),
        options.loraRank,
        options.method == Method.DORA,
        options.loraDropout);
  }

  /** Where the values of a step will be, as planned for the budget or for what there is. */
  private PlannedMemory planned(ModelFolder folder) throws IOException {
    if (!memory.given() && options.gradCheckpoint) {
      return PlannedMemory.unlimited(new Keep(0, null, memory.boundaries()));
    }
    int segments = folder.model().segments().size() - 1;
    if (!memory.given()) {
      Planning planning = planning(folder);
      MemoryPlan plan = memory.available(planning);
      if (plan.tapes() < segments || !plan.sharded().isEmpty()) {
        say("To fit into the memory that is free: " + PlannedMemory.how(plan, segments));
      }
      return PlannedMemory.asNeeded(plan, planning.workload());
    }
    Made made = plan(folder);
    MemoryPlan plan = made.plan();
    say(PlannedMemory.describe(plan, segments));
    memory.changes(plan, made.planning()).ifPresent(this::say);
    memory.limit(plan).ifPresent(this::say);
    options.batchSize = plan.batchSize();
    options.accumulation = plan.accumulation();
    base.choose(plan.base());
    memory.choose(plan);
    return PlannedMemory.bounded(plan, made.planning().workload());
  }

  private int train(
      ModelFolder folder, TrainingData data, Checkpointer.Policy policy, Interrupt interrupt)
      throws IOException {
    try (PlannedMemory planned = planned(folder)) {
      return train(folder, data, planned, policy, interrupt);
    }
  }

  private int train(
      ModelFolder folder,
      TrainingData data,
      PlannedMemory planned,
      Checkpointer.Policy policy,
      Interrupt interrupt)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    boolean full = options.method == Method.FULL;
    if (full) {
      base.requireTrainable(folder);
    } else {
      base.requireConvertible(folder);
    }
    @Nullable RunAdapters adapters = full ? null : adapters(folder);
    Batching batching = data.batching(options);
    StepLoader loader =
        new StepLoader(data.train().examples(), batching, options.accumulation, options.seed);
    TrainConfig config = checked(loader.stepsPerEpoch(), data.validation().count() > 0);
    String runYaml = RunYaml.of(spec, resolved(config, data.maxLength()));
    if (completed && RunStart.differences(options.outputDir, runYaml).isEmpty()) {
      return 0; // that was this run
    }

    try (Kernels kernels = backend.kernels();
        RunPower runPower = RunPower.of(power, config.steps())) {
      RunInputs inputs =
          RunInputs.of(folder.frozen(), data.train().examples(), data.validation(), kernels);
      RunSettings settings = new RunSettings(config, inputs, loader.stepsPerEpoch());
      RunStart start = start(runYaml, settings, workload(folder).shapes().parameters());
      LoadedWeights weights = // nothing is refused any more: a conversion may take its time
          adapters == null
              ? planned.trained(folder)
              : adapters.applyTo(planned.frozen(base.load(folder)));
      try (RunFolder run = start.open(runYaml, options.loggingSteps);
          RunReports reports = RunReports.open(reportOptions, run);
          TrainProgress progress = new TrainProgress(out, Terminal.stdout(), config.steps())) {
        planned.facts().ifPresent(facts -> run.note("plan", facts));
        out.printf(
            Locale.ROOT,
            "%s: %,d parameters%s, %,d trainable; %s%s%n",
            folder.model().type(),
            folder.model().parameters(),
            base.format() == FrozenFormat.AS_IS ? "" : " in " + base.format(),
            weights.parameters().stream().mapToLong(p -> p.value().size()).sum(),
            data.summary(),
            options.packing
                ? String.format(
                    Locale.ROOT, ", packed into %,d micro-batches", batching.microBatches())
                : "");
        Trained trained =
            new Trained(folder, weights, adapters == null ? null : adapters.targets(), options);
        try {
          return new TrainRun(
                  run,
                  start.from(),
                  settings,
                  policy,
                  trained,
                  planned.memory(),
                  runPower.scheduler(),
                  symptoms(config),
                  reports,
                  options.dumpBatches,
                  out,
                  spec.commandLine().getErr())
              .make(loader, data.validation(), kernels, progress, interrupt);
        } finally {
          if (run.replaces()) {
            say(
                "The run that was in "
                    + options.outputDir
                    + " is as it was; what there is of this one is in "
                    + run.path());
          }
        }
      }
    }
  }

  /** What is looked for while the run is made. */
  private List<Symptom> symptoms(TrainConfig config) {
    List<Symptom> symptoms = TroubleWatch.usual(config.steps());
    if (memory.given()) {
      symptoms.add(new MemoryNearLimit(memory.bytes(), "the memory budget"));
    }
    return symptoms;
  }

  /** What is in the output folder that cannot be continued is a wrong command line. */
  private RunStart start(String runYaml, RunSettings settings, List<Parameter> parameters)
      throws IOException {
    try {
      return RunStart.of(
          new RunStart.Wish(
              options.outputDir, options.overwrite, checkpoints, runYaml, settings, parameters),
          this::say);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private RunAdapters adapters(ModelFolder folder) throws IOException {
    try {
      return RunAdapters.of(options, folder);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private void say(String message) {
    spec.commandLine().getErr().println(message);
  }

  /** Numbers that make no sense are a wrong command line. */
  private TrainConfig checked(int perEpoch, boolean validates) {
    try {
      return config(perEpoch, validates);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private TrainConfig config(int perEpoch, boolean validates) {
    boolean full = options.method == Method.FULL;
    if (!(options.warmupRatio >= 0 && options.warmupRatio <= 1)) {
      throw usage("expected --warmup-ratio from 0 to 1, found " + options.warmupRatio);
    }
    int steps =
        options.maxSteps != null ? options.maxSteps : Math.multiplyExact(perEpoch, options.epochs);
    if (steps < 1) {
      throw usage("expected at least 1 step, found " + steps + "; see --max-steps and --epochs");
    }
    int warmup =
        options.warmupSteps != null
            ? options.warmupSteps
            : (int) Math.ceil(options.warmupRatio * steps);
    float rate = options.learningRate != null ? options.learningRate : full ? 2e-5f : 2e-4f;
    float decay = options.weightDecay != null ? options.weightDecay : full ? 0.01f : 0;
    int evalSteps = options.evalSteps != null ? options.evalSteps : validates ? perEpoch : 0;
    return new TrainConfig(
        new AdamW.Config(0.9f, 0.999f, 1e-8f, decay, options.weightDecayOn == DecayOn.ALL),
        new Schedule(options.scheduler, rate, warmup, steps),
        options.batchSize,
        options.accumulation,
        options.maxGradNorm,
        options.seed,
        evalSteps);
  }

  /** The options whose defaults were filled in. */
  private Map<String, Object> resolved(TrainConfig config, int maxLength) {
    return Map.of(
        "--base-format", base.format(),
        "--boundary-format", memory.boundaries(),
        "--learning-rate", config.schedule().peak(),
        "--warmup-steps", config.schedule().warmup(),
        "--max-steps", config.steps(),
        "--weight-decay", config.optimizer().decay(),
        "--eval-steps", config.evalSteps(),
        "--max-seq-length", maxLength,
        "--threads", backend.threads());
  }

  private CommandLine.ParameterException usage(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }
}
