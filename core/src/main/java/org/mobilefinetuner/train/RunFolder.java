package org.mobilefinetuner.train;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.io.AtomicFolder;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.metrics.ProcessMemory;

/**
 * The folder that a run writes to: its configuration and its numbers, with the names that Hugging
 * Face's trainer gives them.
 *
 * <ul>
 *   <li>{@code run.yaml}: the resolved configuration, written first;
 *   <li>{@code metrics.jsonl}: one line per logged step and evaluation, written at once;
 *   <li>{@code trainer_state.json}, {@code train_results.json}: written when the run has ended.
 * </ul>
 *
 * <p>Where a run is to be replaced, all of this and the result are written to the folder {@code
 * unfinished} in it, and moved when the run has ended: until then the old run is what it was.
 */
public final class RunFolder implements TrainingListener, Closeable {
  /** The folder in it for the result of the best evaluation. */
  public static final String BEST = "best";

  private static final String UNFINISHED = "unfinished";

  /** What a finished run leaves, besides its log: an adapter or a model, and the best of them. */
  private static final List<String> RESULTS =
      Arrays.asList(
          BEST,
          "adapter_config.json",
          "adapter_model.safetensors",
          "config.json",
          "model.safetensors",
          "model.safetensors.index.json");

  private final Path target;
  private Path folder;
  private final Writer metrics;
  private final int loggingSteps;
  private final ProcessMemory memory = new ProcessMemory();
  private final List<JsonObject> history = new ArrayList<>();
  private double lossSum;
  private int lossCount;
  private long nanos;
  private long loggedTokens;
  private double epoch;
  private int bestStep;
  private double best = Double.NaN;
  private double bestLoss = Double.NaN;

  private RunFolder(Path target, Path folder, Writer metrics, int loggingSteps) {
    this.target = target;
    this.folder = folder;
    this.metrics = metrics;
    this.loggingSteps = loggingSteps;
  }

  /** Whether a run has been made in {@code folder}, finished or not. */
  public static boolean holdsRun(Path folder) {
    return Files.exists(folder.resolve("run.yaml"))
        || Files.exists(folder.resolve("metrics.jsonl"));
  }

  /**
   * Makes the folder and starts its log.
   *
   * @param loggingSteps a line for every so many steps, with their mean loss
   * @param overwrite whether a run that is there may be replaced
   */
  public static RunFolder create(Path target, String runYaml, int loggingSteps, boolean overwrite)
      throws IOException {
    Path folder = overwrite && holdsRun(target) ? target.resolve(UNFINISHED) : target;
    try {
      if (!folder.equals(target)) {
        AtomicFolder.delete(folder); // of a run that failed
      }
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IOException(
          "cannot make the output folder "
              + folder
              + ": "
              + e.getMessage()
              + "; choose one that can be written with --output-dir",
          e);
    }
    Writer metrics = log(folder.resolve("metrics.jsonl"));
    AtomicFile.write(folder.resolve("run.yaml"), runYaml);
    return new RunFolder(target, folder, metrics, loggingSteps);
  }

  /**
   * Whether a run in {@code folder} may write or delete what {@code input}, a model or an adapter,
   * is read from.
   */
  public static boolean writesTo(Path folder, Path input) throws IOException {
    Path read = input.toRealPath();
    Path written = folder.toRealPath();
    return read.equals(written)
        || read.startsWith(written.resolve(BEST))
        || read.startsWith(written.resolve(UNFINISHED));
  }

  /** Where the run's files are now, and where its results are to be written. */
  public Path path() {
    return folder;
  }

  /** Whether an older run is still there that this one is to replace. */
  public boolean replaces() {
    return !folder.equals(target);
  }

  private static Writer log(Path file) throws IOException {
    try {
      return Files.newBufferedWriter(
          file, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(
          "expected no other run in this folder, found its log "
              + file
              + "; choose another output folder",
          e);
    }
  }

  @Override
  public void onStep(Step step) {
    lossSum += step.loss();
    lossCount++;
    nanos += step.elapsedNanos();
    loggedTokens += step.tokens();
    epoch = step.epoch();
    if (step.step() % loggingSteps != 0) {
      return;
    }
    JsonObject line =
        JsonObject.empty()
            .put("step", step.step())
            .put("epoch", step.epoch())
            .put("loss", lossSum / lossCount)
            .put("grad_norm", step.gradNorm())
            .put("learning_rate", (double) step.learningRate())
            .put("num_input_tokens_seen", step.tokensSeen())
            .put("train_tokens_per_second", loggedTokens / (nanos * 1e-9));
    memory.residentBytes().ifPresent(bytes -> line.put("mem_rss_bytes", bytes));
    log(line);
    lossSum = 0;
    lossCount = 0;
    nanos = 0;
    loggedTokens = 0;
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    if (evaluation.best()) {
      best = evaluation.loss();
      bestStep = evaluation.step();
    }
    log(
        JsonObject.empty()
            .put("step", evaluation.step())
            .put("epoch", evaluation.epoch())
            .put("eval_loss", evaluation.loss())
            .put("eval_perplexity", evaluation.perplexity())
            .put("eval_runtime", evaluation.elapsedNanos() * 1e-9));
  }

  private void log(JsonObject line) {
    history.add(line);
    try {
      metrics.write(line + "\n");
      metrics.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write " + folder.resolve("metrics.jsonl") + ": is the disk full?", e);
    }
  }

  /** Writes what is known only at the end. */
  public void finish(Trainer.Result result, TrainConfig config, double seconds) throws IOException {
    bestLoss = result.bestEvaluation();
    AtomicFile.write(folder.resolve("trainer_state.json"), state(result, config).pretty());
    JsonObject results =
        JsonObject.empty()
            .put("epoch", epoch)
            .put("train_loss", result.loss())
            .put("train_runtime", seconds)
            .put("train_steps_per_second", result.steps() / seconds)
            .put("train_tokens_per_second", result.tokensSeen() / seconds);
    if (!Double.isNaN(bestLoss)) {
      results.put("best_eval_loss", bestLoss);
    }
    memory.peakResidentBytes().ifPresent(bytes -> results.put("peak_rss_bytes", bytes));
    AtomicFile.write(folder.resolve("train_results.json"), results.pretty());
  }

  /** Puts the run, log and results, in the place of the one that it replaces, if there is one. */
  public void publish() throws IOException {
    if (!replaces()) {
      return;
    }
    metrics.close();
    Path finished = folder;
    folder = target;
    for (String name : RESULTS) {
      if (name.equals(BEST) || !Files.exists(finished.resolve(name))) {
        AtomicFolder.delete(target.resolve(name));
      }
    }
    AtomicFolder.move(finished, target, "run.yaml");
  }

  private JsonObject state(Trainer.Result result, TrainConfig config) {
    boolean evaluated = !Double.isNaN(best);
    return JsonObject.empty()
        .put("best_global_step", evaluated ? bestStep : null)
        .put("best_metric", evaluated ? best : null)
        .put("best_model_checkpoint", evaluated ? BEST : null)
        .put("epoch", epoch)
        .put("eval_steps", config.evalSteps())
        .put("global_step", result.steps())
        .put("is_hyper_param_search", false)
        .put("is_local_process_zero", true)
        .put("is_world_process_zero", true)
        .put("log_history", history)
        .put("logging_steps", loggingSteps)
        .put("max_steps", config.steps())
        .put("num_input_tokens_seen", result.tokensSeen())
        .put("num_train_epochs", Math.ceil(epoch))
        .put("save_steps", 0)
        .put("stateful_callbacks", JsonObject.empty())
        .put("total_flos", 0)
        .put("train_batch_size", config.batchSize())
        .put("trial_name", null)
        .put("trial_params", null);
  }

  @Override
  public void close() throws IOException {
    metrics.close();
  }
}
