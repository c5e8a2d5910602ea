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
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.metrics.PhaseMemory;
import org.mobilefinetuner.metrics.ProcessMemory;
import org.mobilefinetuner.metrics.ProcessReads;

/**
 * {@code metrics.jsonl}: a line for each event of a run, written at once. Steps and evaluations
 * have the keys of Hugging Face's trainer; every other line says with {@code event} what it is. The
 * file is locked as long as its run is made, so that no other process continues the same run.
 */
final class RunLog implements TrainingListener, Closeable {
  static final String NAME = "metrics.jsonl";

  private final Path file;
  private final FileChannel out;
  private final int loggingSteps;
  private final ProcessMemory memory = new ProcessMemory();
  private final PhaseMemory<Phase> phases = new PhaseMemory<>(Phase.UPDATE, System::nanoTime);
  private final ProcessReads reads = new ProcessReads();
  private final DeviceLog device = new DeviceLog();
  private final List<JsonObject> history = new ArrayList<>();
  private Consumer<JsonObject> sink = line -> {};
  private LogInterval interval = new LogInterval();
  private int steps; // of the whole run, 0 if not known
  private long runNanos;
  private long evaluationNanos;

  private RunLog(Path file, FileChannel out, int loggingSteps) {
    this.file = file;
    this.out = out;
    this.loggingSteps = loggingSteps;
  }

  /**
   * Starts a log, or cuts one back to where a checkpoint was written.
   *
   * @param loggingSteps a line for every so many steps, and the last, with their means
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
    interval = LogInterval.of(sums);
    runNanos = (long) sums.number("run_nanos");
    evaluationNanos = (long) sums.number("evaluation_nanos", 0);
    device.resume(sums.number("energy_joules", 0), sums.stringOrNull("energy_source"));
    TrainerState.history(state).forEach(this::log);
  }

  /** What has been added up for the next line, to be continued from. */
  JsonObject sums() {
    return interval
        .json()
        .put("run_nanos", runNanos)
        .put("evaluation_nanos", evaluationNanos)
        .put("energy_joules", device.joules())
        .put("energy_source", device.source());
  }

  /** All lines so far. */
  List<JsonObject> history() {
    return history;
  }

  /** Where each line is to go besides the file, from now on. */
  void alsoTo(Consumer<JsonObject> more) {
    sink = sink.andThen(more);
  }

  int loggingSteps() {
    return loggingSteps;
  }

  /** The time of all steps and evaluations, also of those before the run was continued. */
  double seconds() {
    return runNanos * 1e-9;
  }

  /** Writes what is known of the run before its first step. */
  void note(String event, JsonObject facts) {
    JsonObject line = event(event, 0);
    for (String key : facts.keys()) {
      line.put(key, facts.get(key));
    }
    log(line);
  }

  @Override
  public void onBegin(Begin begin) {
    steps = begin.steps();
    if (begin.step() > 0) {
      log(event("resume", begin.step()).put("max_steps", begin.steps()));
    }
  }

  @Override
  public void onPhase(Phase phase) {
    phases.phaseEnded(phase);
  }

  @Override
  public void onStep(Step step) {
    interval.add(step);
    runNanos += step.elapsedNanos() + step.pausedNanos();
    if (step.step() % loggingSteps != 0 && step.step() != steps) {
      return;
    }
    JsonObject line = JsonObject.empty().put("step", step.step()).put("epoch", step.epoch());
    interval.putInto(line);
    reads.bytes().ifPresent(bytes -> line.put("io_read_bytes", bytes));
    line.put("grad_norm", step.gradNorm())
        .put("learning_rate", (double) step.learningRate())
        .put("num_input_tokens_seen", step.tokensSeen());
    putMemory(line);
    putPhaseMemory(line.put("mem_arena_bytes", step.arenaBytes()));
    device.putInto(line);
    if (steps > 0) {
      line.put("eta_seconds", secondsLeft(step.step()));
    }
    log(line.put("time_unix_ms", System.currentTimeMillis()));
    interval = new LogInterval();
  }

  /** By how fast it is now, and the evaluations so far. */
  private double secondsLeft(int step) {
    return (steps - step) * (interval.secondsPerStep() + evaluationNanos * 1e-9 / step);
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    runNanos += evaluation.elapsedNanos();
    evaluationNanos += evaluation.elapsedNanos();
    JsonObject line =
        JsonObject.empty()
            .put("step", evaluation.step())
            .put("epoch", evaluation.epoch())
            .put("eval_loss", evaluation.loss())
            .put("eval_perplexity", evaluation.perplexity())
            .put("eval_runtime", evaluation.elapsedNanos() * 1e-9);
    putMemory(line);
    log(line.put("time_unix_ms", System.currentTimeMillis()));
  }

  @Override
  public void onDevice(Device reading) {
    device.add(reading.reading());
  }

  @Override
  public void onDecision(Decision decision) {
    JsonObject line =
        event("decision", decision.step())
            .put("rate", decision.rate())
            .put("stop", decision.stop())
            .put("policy", decision.policy())
            .put("reason", decision.reason());
    device.putInto(line);
    log(line);
  }

  @Override
  public void onWarning(Warning warning) {
    log(
        event("warning", warning.step())
            .put("kind", warning.kind())
            .put("message", warning.message())
            .put("advice", warning.advice()));
  }

  @Override
  public void onSaved(Saved saved) {
    log(
        event("checkpoint", saved.step())
            .put("path", String.valueOf(saved.folder().getFileName()))
            .put("time_ms", saved.elapsedNanos() * 1e-6));
  }

  @Override
  public void onEnd(End end) {
    JsonObject line =
        event("end", end.step())
            .put("outcome", end.outcome().toString())
            .put("train_runtime", seconds());
    if (end.reason() != null) {
      line.put("reason", end.reason());
    }
    line.put("mem_rss_mean_bytes", phases.meanResidentBytes());
    putMemory(line);
    device.putInto(line);
    log(line);
  }

  private static JsonObject event(String event, int step) {
    return JsonObject.empty()
        .put("event", event)
        .put("step", step)
        .put("time_unix_ms", System.currentTimeMillis());
  }

  private void putMemory(JsonObject line) {
    memory.residentBytes().ifPresent(bytes -> line.put("mem_rss_bytes", bytes));
    memory.peakResidentBytes().ifPresent(bytes -> line.put("mem_rss_peak_bytes", bytes));
    line.put("mem_heap_bytes", ProcessMemory.heapBytes());
  }

  private void putPhaseMemory(JsonObject line) {
    for (Phase phase : Phase.values()) {
      String name = phase == Phase.UPDATE ? "optimizer" : phase.name().toLowerCase(Locale.ROOT);
      if (phases.residentBytes(phase) > 0) {
        line.put("mem_rss_" + name + "_bytes", phases.residentBytes(phase));
        line.put("mem_heap_" + name + "_bytes", phases.heapBytes(phase));
      }
    }
    phases.reset();
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
    sink.accept(line);
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
