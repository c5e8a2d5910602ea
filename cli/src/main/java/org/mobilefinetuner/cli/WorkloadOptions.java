package org.mobilefinetuner.cli;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.adapter.Site;
import org.mobilefinetuner.adapter.TargetModules;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.plan.Adaptation;
import org.mobilefinetuner.plan.Workload;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What would be trained, for commands that only plan and measure. */
final class WorkloadOptions {
  @Option(
      names = {"--method", "--fine-tune-type"},
      description = "lora, dora or full (default: lora).")
  TrainOptions.Method method = TrainOptions.Method.LORA;

  @Option(
      names = {"--lora-rank", "--lora-r", "-r"},
      paramLabel = "R",
      description = "Rank of LoRA's matrices (default: 8).")
  int rank = 8;

  @Option(
      names = {"--lora-targets", "--lora-target-modules", "--lora-modules"},
      split = ",",
      paramLabel = "NAME",
      description = "Modules to adapt, such as c_attn,c_proj (default: all-linear).")
  List<String> targets = List.of(TargetModules.ALL_LINEAR);

  @Option(
      names = "--lora-dropout",
      paramLabel = "RATE",
      description = "Dropout on the adapter's input (default: 0).")
  private float dropout;

  @Option(
      names = {"--batch-size", "--per-device-train-batch-size"},
      paramLabel = "N",
      description = "Sequences of a micro-batch (default: 4).")
  int batchSize = 4;

  @Option(
      names = {"--grad-accumulation-steps", "--gradient-accumulation-steps", "--grad-accum"},
      paramLabel = "N",
      description = "Micro-batches of an optimizer step (default: 1).")
  private int accumulation = 1;

  @Option(
      names = {"--max-seq-length", "--max-length", "--cutoff-len", "--ctx"},
      paramLabel = "N",
      description = "Tokens of a sequence (default: 512, or what the model can).")
  private @Nullable Integer length;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "NORM",
      description = {
        "Clip gradients to this global norm; 0 for never, which lets full",
        "fine-tuning update one segment after the other (default: 1)."
      })
  float maxGradNorm = 1;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  /** What plans are made for. */
  Planning planning(ModelFolder folder, FrozenOptions base, BackendOptions backend)
      throws IOException {
    return new Planning(of(folder, base), backend.runtime(), base.open(folder));
  }

  /**
   * The same as a planner takes it.
   *
   * @throws ParameterException if an option does not suit the model
   */
  private Workload of(ModelFolder folder, FrozenOptions base) throws IOException {
    if (method == TrainOptions.Method.FULL) {
      base.requireTrainable(folder);
    }
    try {
      List<Site> sites = ModelFolder.sites(folder.model());
      int positions = folder.model().positions();
      int tokens = length == null ? Math.min(512, positions) : length;
      if (tokens > positions) {
        throw new IllegalArgumentException(
            "expected --max-seq-length of at most the model's "
                + positions
                + " positions, found "
                + tokens);
      }
      return new Workload(
          folder.model(),
          base.storedBytes(folder),
          new Adaptation(
              method == TrainOptions.Method.FULL
                  ? List.of()
                  : TargetModules.of(targets, sites).sites(),
              rank,
              method == TrainOptions.Method.DORA,
              dropout),
          batchSize,
          accumulation,
          tokens,
          maxGradNorm > 0);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
