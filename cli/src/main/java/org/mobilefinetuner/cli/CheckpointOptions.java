package org.mobilefinetuner.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.train.Checkpointer;
import picocli.CommandLine.Option;

/** When checkpoints are written, and which one a run goes on from. */
final class CheckpointOptions {
  private static final String LATEST = "latest";

  /** The option that is about this attempt at a run, not about the run. */
  static final String RESUME = "--resume-from-checkpoint";

  @Option(
      names = {"--save-steps", "--save-every", "--checkpoint-save-steps"},
      paramLabel = "N",
      description = "Steps between checkpoints (default: none but by time).")
  int saveSteps;

  @Option(
      names = "--save-minutes",
      paramLabel = "MINUTES",
      description = "Time between checkpoints; 0 for none by time (default: 10).")
  double saveMinutes = 10;

  @Option(
      names = "--save-total-limit",
      paramLabel = "N",
      description = "How many checkpoints stay, the latest ones (default: 2).")
  int saveTotalLimit = 2;

  @Option(
      names = {RESUME, "--resume-from", "--resume", "--auto-resume"},
      arity = "0..1",
      fallbackValue = LATEST,
      paramLabel = "DIR",
      description = {
        "Go on from this checkpoint, or from the latest in this folder. Without a folder, and",
        "without the option: from the latest in the output folder, if its run is not finished."
      })
  @Nullable String resumeFrom;

  /** The checkpoint or the folder of a run that is asked for by its path. */
  @Nullable Path resumePath() {
    String from = resumeFrom;
    boolean latest = from == null || from.equals(LATEST) || from.equals("true"); // as in HF's YAML
    return latest ? null : Path.of(from);
  }

  /**
   * @throws IllegalArgumentException if a number is wrong
   */
  Checkpointer.Policy policy() {
    if (saveSteps < 0) {
      throw new IllegalArgumentException("expected --save-steps of at least 0, found " + saveSteps);
    }
    if (!(saveMinutes >= 0 && saveMinutes <= 1e6)) {
      throw new IllegalArgumentException(
          "expected --save-minutes of at least 0, found " + saveMinutes);
    }
    if (saveTotalLimit < 1) {
      throw new IllegalArgumentException(
          "expected --save-total-limit of at least 1, found " + saveTotalLimit);
    }
    return new Checkpointer.Policy(saveSteps, (long) (saveMinutes * 60e9), saveTotalLimit);
  }
}
