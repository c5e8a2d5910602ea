package org.mobilefinetuner.app;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.android.FineTuningListener;
import org.mobilefinetuner.android.FineTuningResult;
import org.mobilefinetuner.android.RunPlan;
import org.mobilefinetuner.metrics.DeviceReading;
import org.mobilefinetuner.metrics.ProcessMemory;

/**
 * What is known of the run that is being made, while activities come and go. Written on the thread
 * that trains, read on the main thread.
 */
final class RunHistory implements FineTuningListener {
  /**
   * The run at one moment.
   *
   * @param name of its folder
   * @param curve the losses so far
   * @param step the last one that was made
   * @param steps of the whole run, 0 before it has begun
   * @param tokensPerSecond of the last step
   * @param secondsLeft an estimate, NaN before the first step
   * @param rate share of full speed that battery and heat allow
   * @param reason why, empty for full speed
   * @param outcome null while it is made
   */
  record Moment(
      String name,
      Curve curve,
      int step,
      int steps,
      double tokensPerSecond,
      double secondsLeft,
      OptionalLong residentBytes,
      DeviceReading device,
      double rate,
      String reason,
      boolean paused,
      @Nullable RunPlan plan,
      @Nullable FineTuningResult outcome) {}

  private final String name;
  private final ProcessMemory memory = new ProcessMemory();
  private final List<Curve.Point> points = new ArrayList<>();
  private int step;
  private int steps;
  private double tokensPerSecond;
  private double secondsPerStep = Double.NaN;
  private OptionalLong resident = OptionalLong.empty();
  private DeviceReading device = DeviceReading.NOTHING;
  private double rate = 1;
  private String reason = "";
  private boolean paused;
  private @Nullable RunPlan plan;
  private @Nullable FineTuningResult outcome;

  RunHistory(String name) {
    this.name = name;
  }

  synchronized Moment now() {
    return new Moment(
        name,
        new Curve(name, points),
        step,
        steps,
        tokensPerSecond,
        secondsPerStep * (steps - step),
        resident,
        device,
        rate,
        reason,
        paused,
        plan,
        outcome);
  }

  @Override
  public synchronized void onStart(RunPlan planned, int firstStep, int all) {
    plan = planned;
    step = firstStep;
    steps = all;
  }

  @Override
  public synchronized void onStep(Step made) {
    step = made.step();
    points.add(new Curve.Point(made.step(), made.loss()));
    tokensPerSecond = made.tokens() * 1e9 / made.elapsedNanos();
    double seconds = (made.elapsedNanos() + made.pausedNanos()) * 1e-9;
    secondsPerStep = Double.isNaN(secondsPerStep) ? seconds : 0.9 * secondsPerStep + 0.1 * seconds;
    resident = memory.residentBytes();
  }

  @Override
  public synchronized void onDevice(Device told) {
    device = told.reading();
  }

  @Override
  public synchronized void onDecision(Decision decision) {
    rate = decision.rate();
    reason = decision.rate() < 1 ? decision.reason() : "";
  }

  @Override
  public synchronized void onPaused(boolean now) {
    paused = now;
  }

  @Override
  public synchronized void onResult(FineTuningResult end) {
    outcome = end;
  }
}
