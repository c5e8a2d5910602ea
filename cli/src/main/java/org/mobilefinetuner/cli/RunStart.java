package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.autograd.Parameter;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.TextFile;
import org.mobilefinetuner.train.Checkpoint;
import org.mobilefinetuner.train.Checkpoints;
import org.mobilefinetuner.train.OtherRunException;
import org.mobilefinetuner.train.RunFolder;
import org.mobilefinetuner.train.RunSettings;

/**
 * Where a run begins: anew, or at a checkpoint of an earlier attempt at the same run.
 *
 * @param target the output folder
 * @param folder where the files are until the run has ended
 * @param from null to begin with the first step
 */
record RunStart(Path target, Path folder, @Nullable Checkpoint from) {

  /** What a run is asked to be. */
  record Wish(
      Path target,
      boolean overwrite,
      CheckpointOptions options,
      String runYaml,
      RunSettings settings,
      List<Parameter> parameters) {}

  /**
   * Looks for an earlier attempt.
   *
   * @param says told what was found and is done
   * @throws IllegalArgumentException if something else is in the output folder, or what is to be
   *     continued is not the same run
   */
  static RunStart of(Wish wish, Consumer<String> says) throws IOException {
    Path folder = folder(wish);
    boolean attempt = RunFolder.holdsRun(folder) && differences(folder, wish.runYaml).isEmpty();
    @Nullable Path given = wish.options.resumePath();
    List<Path> candidates =
        given != null ? candidates(given) : attempt ? Checkpoints.in(folder) : List.of();
    @Nullable Checkpoint checkpoint = usable(wish, candidates, says);
    if (checkpoint != null) {
      says.accept(
          "Goes on after step "
              + checkpoint.progress().steps()
              + " from "
              + checkpoint.folder()
              + "; to begin anew, remove "
              + folder);
    } else if (given != null) {
      throw new FormatException(
          "expected a checkpoint that can be used at " + given + ", found none; give another");
    } else if (attempt || wish.options.resumeFrom != null) {
      says.accept("No checkpoint in " + folder + " to go on from: begins anew");
    }
    return new RunStart(wish.target, folder, checkpoint);
  }

  /** The output folder, or the one in it for a run that is to replace the one that is there. */
  private static Path folder(Wish wish) throws IOException {
    Path target = wish.target;
    if (!RunFolder.holdsRun(target)) {
      return target;
    }
    boolean finished = RunFolder.holdsFinishedRun(target);
    List<String> differences = finished ? List.of() : differences(target, wish.runYaml);
    if (!finished && differences.isEmpty()) {
      return target;
    }
    if (!wish.overwrite) {
      throw new IllegalArgumentException(
          "expected an output folder "
              + (finished ? "without a finished run" : "with the same run or none")
              + ", found one in "
              + target
              + (finished ? "" : " with other settings: " + String.join(", ", differences))
              + "; choose another --output-dir, or give --overwrite-output-dir");
    }
    return RunFolder.replacement(target);
  }

  /** What the settings of a run in a folder have other than {@code runYaml}. */
  static List<String> differences(Path run, String runYaml) throws IOException {
    Path file = run.resolve(RunFolder.CONFIG);
    return Files.exists(file)
        ? RunYaml.differences(TextFile.read(file), runYaml)
        : List.of("no " + RunFolder.CONFIG + " there");
  }

  /** A checkpoint and those before it, or all in the folder of a run. */
  private static List<Path> candidates(Path from) throws IOException {
    List<Path> inside = Checkpoints.in(from);
    @Nullable Path parent = from.toAbsolutePath().normalize().getParent();
    if (!inside.isEmpty() || parent == null) {
      return inside;
    }
    List<Path> beside = Checkpoints.in(parent);
    int first = beside.indexOf(from.toAbsolutePath().normalize());
    return first < 0 ? List.of() : beside.subList(first, beside.size());
  }

  private static @Nullable Checkpoint usable(
      Wish wish, List<Path> candidates, Consumer<String> says) throws IOException {
    try {
      @Nullable Checkpoint checkpoint =
          Checkpoints.usable(
              candidates,
              wish.parameters,
              wish.settings,
              complaint -> says.accept("Cannot go on from " + complaint));
      if (checkpoint != null) {
        List<String> differences = RunYaml.differences(checkpoint.runYaml(), wish.runYaml);
        if (!differences.isEmpty()) {
          throw new IllegalArgumentException(
              checkpoint.folder()
                  + ": expected a checkpoint of the same run, found other settings: "
                  + String.join(", ", differences));
        }
      }
      return checkpoint;
    } catch (OtherRunException e) {
      throw new IllegalArgumentException(
          "expected a checkpoint of the same run, found another, "
              + e.getMessage()
              + "; give what the run began with, choose another --output-dir, or give"
              + " --overwrite-output-dir",
          e);
    }
  }

  /** Makes the folder ready to be written to. */
  RunFolder open(String runYaml, int loggingSteps) throws IOException {
    return from == null
        ? RunFolder.create(target, folder, runYaml, loggingSteps)
        : RunFolder.resume(target, folder, runYaml, loggingSteps, from);
  }
}
