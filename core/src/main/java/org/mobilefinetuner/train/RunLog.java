package org.mobilefinetuner.train;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.metrics.ProcessMemory;

/**
 * {@code metrics.jsonl}: one line per logged step and evaluation, written at once. It is locked as
 * long as its run is made, so that no other process continues the same run.
 */
final class RunLog implements TrainingListener, Closeable {
  static final String NAME = "metrics.jsonl";

  private final Path file;
  private final FileChannel out;
  private final int loggingSteps;
  private final ProcessMemory memory = new ProcessMemory();
  private final List<JsonObject> history = new ArrayList<>();
  private double lossSum;
  private int lossCount;
  private long nanos;
  private long tokens;
  private long forwardNanos;
  private long backwardNanos;
  private long updateNanos;
  private long runNanos;

  private RunLog(Path file, FileChannel out, int loggingSteps) {
    this.file = file;
    this.out = out;
    this.loggingSteps = loggingSteps;
  }

  /**
   * Starts a log, or cuts one back to where a checkpoint was written.
   *
   * @param loggingSteps a line for every so many steps, with their means
   * @param state the {@code trainer_state.json} of the checkpoint, or null to start
   * @throws IOException if another process writes it
   */
  static RunLog open(Path file, int loggingSteps, @Nullable JsonObject state) throws IOException {
    FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      lock(file, out);
      RunLog log = new RunLog(file, out, loggingSteps);
      out.truncate(0);
      if (state != null) {
        log.restore(state);
      }
      return log;
    } catch (IOException | RuntimeException e) {
      out.close();
      throw e;
    }
  }

  /**
   * @throws IOException if the run to which the log belongs, if there is one, is being made
   */
  static void requireFree(Path file) throws IOException {
    if (Files.exists(file)) {
      try (FileChannel log = FileChannel.open(file, StandardOpenOption.WRITE)) {
        lock(file, log);
      }
    }
  }

  private static void lock(Path file, FileChannel log) throws IOException {
    boolean free;
    try {
      free = log.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      free = false; // this process
    } catch (IOException e) {
      free = true; // a file system without locks, such as a phone's memory card
    }
    if (!free) {
      throw new IOException(
          "expected a run that nobody is making, found "
              + file
              + " in use; wait for the other process or end it");
    }
  }

  private void restore(JsonObject state) throws IOException {
    JsonObject sums = TrainerState.callback(state, TrainerState.LOG);
    lossSum = sums.number("loss_sum");
    lossCount = sums.integer("loss_count");
    nanos = (long) sums.number("nanos");
    tokens = (long) sums.number("tokens");
    forwardNanos = (long) sums.number("forward_nanos");
    backwardNanos = (long) sums.number("backward_nanos");
    updateNanos = (long) sums.number("update_nanos");
    runNanos = (long) sums.number("run_nanos");
    TrainerState.history(state).forEach(this::log);
  }

  /** What has been added up for the next line, to be continued from. */
  JsonObject sums() {
    return JsonObject.empty()
        .put("loss_sum", lossSum)
        .put("loss_count", lossCount)
        .put("nanos", nanos)
        .put("tokens", tokens)
        .put("forward_nanos", forwardNanos)
        .put("backward_nanos", backwardNanos)
        .put("update_nanos", updateNanos)
        .put("run_nanos", runNanos);
  }

  /** All lines so far. */
  List<JsonObject> history() {
    return history;
  }

  int loggingSteps() {
    return loggingSteps;
  }

  /** The time of all steps and evaluations, also of those before the run was continued. */
  double seconds() {
    return runNanos * 1e-9;
  }

  @Override
  public void onStep(Step step) {
    lossSum += step.loss();
    lossCount++;
    nanos += step.elapsedNanos();
    runNanos += step.elapsedNanos();
    tokens += step.tokens();
    forwardNanos += step.phases().forwardNanos();
    backwardNanos += step.phases().backwardNanos();
    updateNanos += step.phases().updateNanos();
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
            .put("train_tokens_per_second", tokens / (nanos * 1e-9))
            .put("time_forward_ms", forwardNanos * 1e-6 / lossCount)
            .put("time_backward_ms", backwardNanos * 1e-6 / lossCount)
            .put("time_optimizer_ms", updateNanos * 1e-6 / lossCount);
    putMemory(line);
    log(line.put("mem_arena_bytes", step.arenaBytes()));
    lossSum = 0;
    lossCount = 0;
    nanos = 0;
    tokens = 0;
    forwardNanos = 0;
    backwardNanos = 0;
    updateNanos = 0;
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    runNanos += evaluation.elapsedNanos();
    JsonObject line =
        JsonObject.empty()
            .put("step", evaluation.step())
            .put("epoch", evaluation.epoch())
            .put("eval_loss", evaluation.loss())
            .put("eval_perplexity", evaluation.perplexity())
            .put("eval_runtime", evaluation.elapsedNanos() * 1e-9);
    putMemory(line);
    log(line);
  }

  private void putMemory(JsonObject line) {
    memory.residentBytes().ifPresent(bytes -> line.put("mem_rss_bytes", bytes));
    line.put("mem_heap_bytes", ProcessMemory.heapBytes());
  }

  private void log(JsonObject line) {
    history.add(line);
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": is the disk full?", e);
    }
  }

  /** Waits until it is on the disk. */
  void sync() throws IOException {
    out.force(true);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
