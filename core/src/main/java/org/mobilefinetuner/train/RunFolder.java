package org.mobilefinetuner.train;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.metrics.ProcessMemory;

/**
 * The folder that a run writes to: its configuration and its numbers, with the names that Hugging
 * Face's trainer gives them.
 *
 * <ul>
 *   <li>{@code run.yaml}: the resolved configuration, written first;
 *   <li>{@code metrics.jsonl}: one line per logged step, evaluation and other event, written at
 *       once;
 *   <li>{@code checkpoint-<step>}: what the run can be continued from;
 *   <li>{@code trainer_state.json}, {@code train_results.json}: written when the run has ended, the
 *       latter last of all.
 * </ul>
 *
 * <p>Where a run is to be replaced, all of this and the result are written to the folder {@code
 * unfinished} in it, and moved when the run has ended: until then the old run is what it was.
 */
public final class RunFolder implements TrainingListener, Closeable {
  /** The folder in it for the result of the best evaluation. */
  public static final String BEST = "best";

  /** The resolved configuration. */
  public static final String CONFIG = "run.yaml";

  private static final String UNFINISHED = "unfinished";
  private static final String RESULTS = "train_results.json";

  private final Path target;
  private final Path folder;
  private final String runYaml;
  private final RunLog log;
  private boolean published;

  private RunFolder(Path target, Path folder, String runYaml, RunLog log) {
    this.target = target;
    this.folder = folder;
    this.runYaml = runYaml;
    this.log = log;
  }

  /** Whether a run has been made in {@code folder}, finished or not. */
  public static boolean holdsRun(Path folder) {
    return Files.exists(folder.resolve(CONFIG)) || Files.exists(folder.resolve(RunLog.NAME));
  }

  /** Whether a run in {@code folder} has come to its end. */
  public static boolean holdsFinishedRun(Path folder) {
    return Files.exists(folder.resolve(RESULTS));
  }

  /** Where a run is made that is to replace the one in {@code target}. */
  public static Path replacement(Path target) {
    return target.resolve(UNFINISHED);
  }

  /**
   * Makes the folder and starts its log. What an attempt at a run has left in {@code folder} is
   * deleted.
   *
   * @param target where the run is to be in the end
   * @param folder the same, or {@link #replacement} of it
   * @param loggingSteps a line for every so many steps, with their mean loss
   */
  public static RunFolder create(Path target, Path folder, String runYaml, int loggingSteps)
      throws IOException {
    RunLog.requireFree(folder.resolve(RunLog.NAME));
    try {
      Files.createDirectories(folder);
      if (folder.equals(target)) {
        Checkpoints.requireNoOthers(folder);
      }
      RunFiles.clear(folder);
    } catch (FileSystemException e) {
      throw new IOException(
          "cannot make the output folder "
              + folder
              + ": "
              + e.getMessage()
              + "; choose one that can be written with --output-dir",
          e);
    }
    return open(target, folder, runYaml, loggingSteps, null);
  }

  /** Goes on with a run: its log is cut back to the checkpoint. */
  public static RunFolder resume(
      Path target, Path folder, String runYaml, int loggingSteps, Checkpoint from)
      throws IOException {
    RunLog.requireFree(folder.resolve(RunLog.NAME));
    Files.createDirectories(folder);
    RunFiles.sweep(folder);
    return open(target, folder, runYaml, loggingSteps, from.state());
  }

  private static RunFolder open(
      Path target, Path folder, String runYaml, int loggingSteps, @Nullable JsonObject state)
      throws IOException {
    AtomicFile.write(folder.resolve(CONFIG), runYaml);
    RunLog log = RunLog.open(folder.resolve(RunLog.NAME), loggingSteps, state);
    return new RunFolder(target, folder, runYaml, log);
  }

  /**
   * Whether a run in {@code folder} may write or delete what {@code input}, a model or an adapter,
   * is read from.
   */
  public static boolean writesTo(Path folder, Path input) throws IOException {
    Path read = input.toRealPath();
    Path written = folder.toRealPath();
    if (read.equals(written)) {
      return true;
    }
    String first = read.startsWith(written) ? written.relativize(read).getName(0).toString() : "";
    return first.equals(BEST) || first.equals(UNFINISHED) || first.startsWith(Checkpoint.PREFIX);
  }

  /** Where the run's files are while it is made, and where its results are to be written. */
  public Path path() {
    return folder;
  }

  /** Where the run's files are when it has been published. */
  public Path target() {
    return target;
  }

  /** Whether an older run is still there that this one is to replace. */
  public boolean replaces() {
    return !folder.equals(target) && !published;
  }

  /** The resolved configuration. */
  String runYaml() {
    return runYaml;
  }

  /** The lines of the log so far. */
  public List<JsonObject> history() {
    return Collections.unmodifiableList(log.history());
  }

  /** Where each line of the log is to go besides its file, from now on. */
  public void alsoTo(Consumer<JsonObject> sink) {
    log.alsoTo(sink);
  }

  /** Writes what is known of the run before its first step. */
  public void note(String event, JsonObject facts) {
    log.note(event, facts);
  }

  /** All events are written to the log. */
  @Override
  public void onBegin(Begin begin) {
    log.onBegin(begin);
  }

  @Override
  public void onPhase(Phase phase) {
    log.onPhase(phase);
  }

  @Override
  public void onStep(Step step) {
    log.onStep(step);
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    log.onEvaluation(evaluation);
  }

  @Override
  public void onDevice(Device device) {
    log.onDevice(device);
  }

  @Override
  public void onDecision(Decision decision) {
    log.onDecision(decision);
  }

  @Override
  public void onWarning(Warning warning) {
    log.onWarning(warning);
  }

  @Override
  public void onSaved(Saved saved) {
    log.onSaved(saved);
  }

  @Override
  public void onEnd(End end) {
    log.onEnd(end);
  }

  /** What {@code trainer_state.json} says of the run now. */
  JsonObject state(Progress progress, TrainConfig config, int saveSteps) {
    return TrainerState.of(progress, config, saveSteps, log.loggingSteps(), log);
  }

  /** Writes what is known only at the end; the result of the training must be there already. */
  public void finish(Progress progress, TrainConfig config, int saveSteps) throws IOException {
    AtomicFile.write(folder.resolve(Checkpoint.STATE), state(progress, config, saveSteps).pretty());
    double seconds = log.seconds();
    JsonObject results =
        JsonObject.empty()
            .put("epoch", progress.epoch())
            .put("train_loss", progress.loss())
            .put("train_runtime", seconds)
            .put("train_steps_per_second", progress.steps() / seconds)
            .put("train_tokens_per_second", progress.tokens() / seconds);
    if (progress.bestStep() > 0) {
      results.put("best_eval_loss", progress.bestLoss());
    }
    new ProcessMemory()
        .peakResidentBytes()
        .ifPresent(bytes -> results.put("peak_rss_bytes", bytes));
    log.sync();
    AtomicFile.write(folder.resolve(RESULTS), results.pretty());
  }

  /** Puts the run, log and results, in the place of the one that it replaces, if there is one. */
  public void publish() throws IOException {
    if (replaces()) {
      log.close();
      RunFiles.publish(folder, target);
      published = true;
    }
  }

  /**
   * Completes what a process has begun that was killed while it published a run.
   *
   * @return whether there was something to complete
   */
  public static boolean completePublishing(Path target) throws IOException {
    return RunFiles.completePublishing(replacement(target), target);
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
