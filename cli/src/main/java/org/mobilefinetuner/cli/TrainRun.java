package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.data.Examples;
import org.mobilefinetuner.data.StepLoader;
import org.mobilefinetuner.energy.EnergyScheduler;
import org.mobilefinetuner.energy.Limit;
import org.mobilefinetuner.io.UnchangedFiles;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.metrics.Symptom;
import org.mobilefinetuner.train.Checkpoint;
import org.mobilefinetuner.train.Checkpointer;
import org.mobilefinetuner.train.Listeners;
import org.mobilefinetuner.train.Progress;
import org.mobilefinetuner.train.RunFolder;
import org.mobilefinetuner.train.RunSettings;
import org.mobilefinetuner.train.RunState;
import org.mobilefinetuner.train.StepMemory;
import org.mobilefinetuner.train.Trainer;
import org.mobilefinetuner.train.TrainingFailedException;
import org.mobilefinetuner.train.TrainingListener;
import org.mobilefinetuner.train.TroubleWatch;

/**
 * The life of a run: steps and checkpoints, from the first or from where an earlier attempt ended,
 * until the result is in its place or the run is interrupted.
 *
 * @param from where it goes on, or null
 * @param power decides how fast it may be
 * @param symptoms of trouble that are looked for
 * @param dump where the batches are written, or null
 */
record TrainRun(
    RunFolder folder,
    @Nullable Checkpoint from,
    RunSettings settings,
    Checkpointer.Policy policy,
    Trained trained,
    StepMemory memory,
    EnergyScheduler power,
    List<Symptom> symptoms,
    RunReports reports,
    @Nullable Path dump,
    PrintWriter out,
    PrintWriter err) {
  /** As BSD's sysexits.h has it: a failure that will pass, try again later. */
  static final int POWER_EXIT_CODE = 75;

  /** Makes the run; gives the exit code. */
  int make(
      StepLoader loader,
      Examples validation,
      Kernels kernels,
      TrainProgress shown,
      Interrupt interrupt)
      throws IOException {
    long start = System.nanoTime();
    TrainingListener watching = watching(shown);
    Checkpointer checkpointer =
        new Checkpointer(
            folder, settings, trained::checkpoint, policy, System::nanoTime, from, watching);
    Progress progress;
    boolean interrupted;
    try (shown;
        @Nullable BatchDump batches = dump == null ? null : new BatchDump(dump)) {
      List<TrainingListener> listeners =
          new ArrayList<>(List.of(watching, new PowerMessages(shown::say), best()));
      if (batches != null) {
        listeners.add(batches);
      }
      if (trained.targets() != null) {
        listeners.add(unchanged(new UnchangedFiles(trained.folder().source().files())));
      }
      listeners.add(checkpointer);
      Trainer trainer =
          new Trainer(
              trained.weights(),
              settings.config(),
              kernels,
              memory,
              power::workNanos,
              power,
              new Listeners(listeners));
      interrupt.stops(trainer::stop);
      progress =
          from == null ? trainer.run(loader, validation) : trainer.resume(from, loader, validation);
      interrupted = trainer.interrupted();
    } catch (TrainingFailedException e) {
      reports.write(err);
      throw e;
    }
    int made = progress.steps() - (from == null ? 0 : from.progress().steps());
    long tokens = progress.tokens() - (from == null ? 0 : from.progress().tokens());
    String used = PowerMessages.used(power.reading(), made, tokens);
    if (!used.isEmpty()) {
      out.println(used);
    }
    if (interrupted) {
      reports.write(err);
      return interrupted(progress, checkpointer.latest());
    }
    trained.save(folder.path());
    reports.write(err);
    folder.finish(progress, settings.config(), policy.steps());
    folder.publish();
    out.printf(
        Locale.ROOT,
        "Trained %d steps in %.1f s, mean loss %.3f; saved to %s%n",
        progress.steps(),
        (System.nanoTime() - start) * 1e-9,
        progress.loss(),
        folder.target());
    reports.name(out, folder.target());
    return 0;
  }

  /** The log and the screen, and what looks for trouble and tells them. */
  private TrainingListener watching(TrainProgress shown) {
    folder.alsoTo(shown::onLine);
    TrainingListener told = new Listeners(List.of(folder, shown));
    int steps = settings.config().steps();
    return new Listeners(List.of(told, new TroubleWatch(symptoms, steps, folder.history(), told)));
  }

  /** An interrupted run has no result, and does not replace a whole one. */
  private int interrupted(Progress progress, @Nullable Path checkpoint) {
    @Nullable Limit stop = power.stopped();
    String what = stop == null ? "Interrupted" : "Stopped to save power, " + stop.reason() + ",";
    if (checkpoint == null) {
      out.println(what + " before the end of the first step; only the log is saved");
    } else {
      out.printf(
          Locale.ROOT,
          "%s after %d steps, mean loss %.3f; saved to %s%n"
              + "The same command goes on from there%n",
          what,
          progress.steps(),
          progress.loss(),
          checkpoint);
    }
    reports.name(out, folder.path());
    return stop == null ? Interrupt.EXIT_CODE : POWER_EXIT_CODE;
  }

  /** Ends the run, before a checkpoint is written, if the frozen weights are not what they were. */
  private static TrainingListener unchanged(UnchangedFiles files) {
    return new TrainingListener() {
      @Override
      public void onBoundary(RunState state) {
        try {
          files.require();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  /** Saves what the best evaluation was made with. */
  private TrainingListener best() {
    return new TrainingListener() {
      @Override
      public void onEvaluation(Evaluation evaluation) {
        if (evaluation.best()) {
          try {
            trained.save(folder.path().resolve(RunFolder.BEST));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      }
    };
  }
}
