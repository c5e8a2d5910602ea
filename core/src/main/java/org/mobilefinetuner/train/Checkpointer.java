package org.mobilefinetuner.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes checkpoints while a run is made: every so many steps, every so many minutes, and when the
 * run is asked to stop. The last few stay.
 */
public final class Checkpointer implements TrainingListener {
  /**
   * When to write, and how many stay.
   *
   * @param steps between two checkpoints, 0 for no matter how many
   * @param nanos of the clock between two checkpoints, 0 for no matter how long
   * @param limit how many stay, at least 1
   */
  public record Policy(int steps, long nanos, int limit) {
    public Policy {
      if (steps < 0 || nanos < 0 || limit < 1) {
        throw new IllegalArgumentException(
            "expected steps and a time of at least 0 and a limit of at least 1, found "
                + steps
                + ", "
                + nanos
                + ", "
                + limit);
      }
    }
  }

  private final RunFolder run;
  private final RunSettings settings;
  private final Checkpoint.Weights weights;
  private final Policy policy;
  private final LongSupplier nanoClock;
  private final TrainingListener told;
  private long writtenAt;
  private @Nullable Progress written;
  private @Nullable Path latest;

  /**
   * Deletes what an attempt that was killed has left too many, or wrote after {@code from}.
   *
   * @param from the checkpoint with which the run begins, if it does
   * @param told of each checkpoint
   */
  public Checkpointer(
      RunFolder run,
      RunSettings settings,
      Checkpoint.Weights weights,
      Policy policy,
      LongSupplier nanoClock,
      @Nullable Checkpoint from,
      TrainingListener told)
      throws IOException {
    this.run = run;
    this.settings = settings;
    this.weights = weights;
    this.policy = policy;
    this.nanoClock = nanoClock;
    this.told = told;
    this.writtenAt = nanoClock.getAsLong();
    this.written = from == null ? null : from.progress();
    this.latest = from == null ? null : from.folder();
    if (from != null) {
      Checkpoints.prune(run.path(), from.progress().steps(), policy.limit);
    }
  }

  @Override
  public void onBoundary(RunState state) {
    int step = state.progress().steps();
    boolean news = step > 0 && !state.progress().equals(written);
    if (news && (state.stopping() || due(step))) {
      write(state);
    }
  }

  private boolean due(int step) {
    return policy.steps > 0 && step % policy.steps == 0
        || policy.nanos > 0 && nanoClock.getAsLong() - writtenAt >= policy.nanos;
  }

  private void write(RunState state) {
    int step = state.progress().steps();
    long start = nanoClock.getAsLong();
    Path folder = run.path().resolve(Checkpoint.PREFIX + step);
    try {
      Checkpoint.write(
          folder,
          weights,
          state,
          settings,
          run.runYaml(),
          run.state(state.progress(), settings.config(), policy.steps));
      Checkpoints.prune(run.path(), step, policy.limit);
    } catch (IOException e) {
      throw new UncheckedIOException(
          e.getMessage()
              + " The run ends at step "
              + step
              + " and can go on from "
              + (latest == null || !Files.exists(latest) ? "its beginning" : latest.toString()),
          e);
    }
    written = state.progress();
    writtenAt = nanoClock.getAsLong();
    latest = folder;
    told.onSaved(new Saved(step, folder, writtenAt - start));
  }

  /** The latest checkpoint of the run, or null if there is none yet. */
  public @Nullable Path latest() {
    return latest;
  }
}
