package org.mobilefinetuner.android;

import android.content.Context;
import android.os.Process;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.train.StepGate;

/**
 * Fine-tunes a language model on this device.
 *
 * <pre>{@code
 * FineTuningSettings settings =
 *     FineTuningSettings.of(modelFolder, dataFile, outputFolder).maxSteps(200).build();
 * FineTuning tuning = FineTuning.of(context, settings, new MainThreadListener(listener));
 * tuning.start();
 * }</pre>
 *
 * <p>One object is one attempt at a run: {@link #start} makes a thread of background priority for
 * it, on which the listener is called; every other method may be called on any thread and does not
 * wait, but {@link #await}. {@link #stop} ends the attempt after the step that is being made, with
 * a checkpoint. A new object with the same settings goes on from the last checkpoint, also after
 * the process has died, and ends with the bits that the run would have had undisturbed; of a
 * finished run it says that it is finished. Whatever goes wrong is an outcome, {@link
 * FineTuningResult#failure}, and nothing is thrown on that thread; the last checkpoint stays.
 *
 * <p>An app in the background is stopped by Android sooner or later. {@link FineTuningService} and
 * {@link FineTuningJobService} hold such an object in a component that the system lets live.
 *
 * <p>Nothing of a model's size is on the Java heap: see {@link MemoryLimits}.
 */
public final class FineTuning {
  /** Where an attempt is. */
  public enum State {
    NEW,
    RUNNING,
    PAUSED,
    ENDED
  }

  private final FineTuningSettings settings;
  private final MemoryLimits limits;
  private final Path scratch;
  private final Storage storage;
  private final PowerControl power;
  private final PauseGate gate = new PauseGate(System::nanoTime);
  private final FineTuningListener listener;
  private final Thread thread;
  private State state = State.NEW;
  private boolean stopping;
  private @Nullable Runnable trainer;
  private @Nullable FineTuningResult outcome;

  /**
   * @param scratch a folder for files that nobody needs afterwards
   * @param power decides when the device may work
   */
  public FineTuning(
      FineTuningSettings settings,
      MemoryLimits limits,
      Path scratch,
      PowerControl power,
      FineTuningListener listener) {
    this(settings, limits, scratch, Storage.OF_DEVICE, power, listener);
  }

  FineTuning(
      FineTuningSettings settings,
      MemoryLimits limits,
      Path scratch,
      Storage storage,
      PowerControl power,
      FineTuningListener listener) {
    this.settings = settings;
    this.limits = limits;
    this.scratch = scratch;
    this.storage = storage;
    this.power = power;
    this.listener = listener;
    this.thread = new Thread(this::run, "mft-fine-tuning");
  }

  /**
   * An attempt within the limits of an app, which rests when the device is hot or its battery low.
   */
  public static FineTuning of(
      Context context, FineTuningSettings settings, FineTuningListener listener) {
    return new FineTuning(
        settings,
        MemoryLimits.of(context),
        Paths.get(context.getCacheDir().getPath()),
        power(context),
        listener);
  }

  /** Rests as the settings say, when the device is hot, and when the person saves power. */
  static PowerControl power(Context context) {
    AndroidDeviceProbe probe = new AndroidDeviceProbe(context);
    return new DevicePower(
        probe,
        () -> Process.getElapsedCpuTime() * 1e-3,
        List.of(new PowerSaver(probe::savesPower)));
  }

  /**
   * An attempt on the calling thread, which nobody can pause or stop: for a process that does
   * nothing else.
   *
   * @throws IOException if a file cannot be read or written; a {@link NoRoomException} if the
   *     storage is full
   * @throws IllegalArgumentException if the settings suit neither the model, nor the data, nor what
   *     is in the output folder
   */
  public static FineTuningResult runHere(
      FineTuningSettings settings,
      MemoryLimits limits,
      Path scratch,
      PowerControl power,
      FineTuningListener listener)
      throws IOException {
    return new FineTuningRun(
            settings,
            limits,
            scratch,
            Storage.OF_DEVICE,
            steps -> power.gate(settings, steps),
            listener,
            stop -> {})
        .make();
  }

  /**
   * How the run will be kept within the device's memory; reads the model's header only.
   *
   * @throws IOException if the model cannot be read
   * @throws IllegalArgumentException if there is no way within the device's limits
   */
  public RunPlan plan() throws IOException {
    return RunPlan.of(settings, limits);
  }

  public FineTuningSettings settings() {
    return settings;
  }

  public synchronized State state() {
    return state;
  }

  /** How it has ended, or null before that. */
  public synchronized @Nullable FineTuningResult outcome() {
    return outcome;
  }

  /**
   * Begins, once.
   *
   * @throws IllegalStateException if it has begun before
   */
  public synchronized void start() {
    if (state != State.NEW) {
      throw new IllegalStateException(
          "expected an attempt that has not begun, found one that is "
              + state
              + "; make a new FineTuning to go on");
    }
    state = State.RUNNING;
    thread.start();
  }

  /** Waits within the step, between two segments, until {@link #resume} or {@link #stop}. */
  public void pause() {
    changePaused(true);
  }

  /** Goes on after a {@link #pause}. */
  public void resume() {
    changePaused(false);
  }

  private void changePaused(boolean paused) {
    synchronized (this) {
      if (state != (paused ? State.RUNNING : State.PAUSED) || stopping) {
        return;
      }
      state = paused ? State.PAUSED : State.RUNNING;
    }
    if (paused) {
      gate.close();
    } else {
      gate.open();
    }
    listener.onPaused(paused);
  }

  /** Ends the attempt after this step, with a checkpoint; may be called before it has begun. */
  public void stop() {
    @Nullable Runnable running;
    synchronized (this) {
      stopping = true;
      running = trainer;
    }
    if (running != null) {
      running.run();
    }
  }

  /**
   * Waits until the attempt has ended; not on the main thread.
   *
   * @throws IllegalStateException if it has not begun
   */
  public FineTuningResult await() throws InterruptedException {
    thread.join();
    synchronized (this) {
      if (outcome == null) {
        throw new IllegalStateException("expected an attempt that has begun, found a new one");
      }
      return outcome;
    }
  }

  private void run() {
    BackgroundPriority.take();
    FineTuningResult ended = attempt();
    synchronized (this) {
      state = State.ENDED;
      outcome = ended;
    }
    listener.onResult(ended);
  }

  /** Whatever goes wrong is an outcome: nobody could catch it on this thread. */
  private FineTuningResult attempt() {
    try {
      OutputFolders.take(settings.output());
      try {
        return new FineTuningRun(
                settings, limits, scratch, storage, this::gate, listener, this::stops)
            .make();
      } finally {
        OutputFolders.give(settings.output());
      }
    } catch (InterruptedException e) {
      return new FineTuningResult(
          FineTuningResult.End.STOPPED, 0, Double.NaN, settings.output(), null);
    } catch (IOException | RuntimeException | OutOfMemoryError | InternalError e) {
      return new FineTuningResult(FineTuningResult.End.FAILED, 0, Double.NaN, settings.output(), e);
    }
  }

  private StepGate gate(int steps) {
    return gate.before(power.gate(settings, steps));
  }

  private void stops(Runnable stop) {
    boolean already;
    synchronized (this) {
      trainer = stop;
      already = stopping;
    }
    if (already) {
      stop.run();
    }
  }
}
