package org.mobilefinetuner.energy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.DeviceReading;
import org.mobilefinetuner.train.StepGate;
import org.mobilefinetuner.train.TrainingListener;

/**
 * Slows a run down, lets it wait or ends it, as its policies want: after every K steps it asks all
 * of them, between segments those that cannot wait. The strictest decides.
 *
 * <p>A run at a rate below 1 works at full speed and rests in between ({@link DutyCycle}): between
 * segments when a rest has become long enough, and after each step. Nothing of this changes a bit
 * of the result.
 *
 * <p>Used by the thread that trains; only {@link #release} may be called from another.
 */
public final class EnergyScheduler implements StepGate {
  private static final long SHORTEST_REST = 20_000_000; // ns: shorter ones are put together
  private static final long LOOK = 5_000_000_000L; // ns between two looks while waiting

  private final PowerMonitor monitor;
  private final List<PowerPolicy> policies;
  private final List<Limit> limits;
  private final PowerClock clock;
  private final int checkSteps;
  private final int totalSteps;
  private final DutyCycle duty = new DutyCycle();
  private volatile boolean released;
  private TrainingListener told = new TrainingListener() {};
  private @Nullable DeviceReading shown;
  private Limit decided = Limit.NONE;
  private Limit lastTold = Limit.NONE;
  private int step;
  private long workingSince;
  private long worked;
  private long paused;
  private long passedAt; // of what was paused
  private double stepNanosMean;
  private int measured;

  /**
   * @param checkSteps K: all policies are asked after every so many steps
   * @param totalSteps of the run
   */
  public EnergyScheduler(
      PowerMonitor monitor,
      List<PowerPolicy> policies,
      PowerClock clock,
      int checkSteps,
      int totalSteps) {
    if (checkSteps < 1) {
      throw new IllegalArgumentException(
          "expected --power-check-steps of at least 1, found " + checkSteps);
    }
    this.monitor = monitor;
    this.policies = List.copyOf(policies);
    this.limits = new ArrayList<>(Collections.nCopies(policies.size(), Limit.NONE));
    this.clock = clock;
    this.checkSteps = checkSteps;
    this.totalSteps = totalSteps;
    this.workingSince = clock.nanoTime();
  }

  /** The clock without the time that the run was paused. */
  public long workNanos() {
    return clock.nanoTime() - paused;
  }

  /** How long the run was paused altogether. */
  public long pausedNanos() {
    return paused;
  }

  /** The decision that has ended the run, or null. */
  public @Nullable Limit stopped() {
    return decided.stop() ? decided : null;
  }

  /** A reading of this moment, with all that was used so far. */
  public DeviceReading reading() {
    return monitor.fresh();
  }

  @Override
  public Passage beforeRun(int stepsMade, TrainingListener listener) {
    told = listener;
    step = stepsMade;
    DeviceReading reading = monitor.reading();
    for (PowerPolicy policy : policies) {
      @Nullable String missing = policy.missing(reading);
      if (missing != null) {
        told.onWarning(
            new TrainingListener.Warning(
                step,
                "no-sensor",
                policy.name() + " needs to know " + missing + ", which no sensor tells",
                "it has no effect; mft doctor shows all sensors"));
      }
    }
    check();
    waitUntilAllowed(true);
    workingSince = clock.nanoTime();
    return passage(decided.stop());
  }

  @Override
  public Passage afterStep(int stepsMade, long stepNanos, TrainingListener listener) {
    told = listener;
    step = stepsMade;
    work();
    learn(worked);
    worked = 0;
    if (step % checkSteps == 0) {
      check();
    }
    boolean ends = step >= totalSteps;
    if (ends || decided.stop()) {
      tellDevice(monitor.fresh()); // with all that was used
    } else {
      rest(1);
      waitUntilAllowed(true);
    }
    return passage(decided.stop() && !ends);
  }

  private Passage passage(boolean stop) {
    long since = paused - passedAt;
    passedAt = paused;
    return new Passage(since, stop);
  }

  /** Adds what was done since the last rest. */
  private void work() {
    long now = clock.nanoTime();
    duty.worked(now - workingSince);
    worked += now - workingSince;
    workingSince = now;
  }

  /** A mean that forgets: the first steps are slower than those that follow. */
  private void learn(long nanos) {
    measured++;
    stepNanosMean += (nanos - stepNanosMean) * Math.max(0.05, 1.0 / measured);
  }

  private void rest(long shortest) {
    long due = duty.due();
    if (due >= shortest && !released) {
      duty.rested(pause(due));
    }
  }

  /** Sleeps; gives how long that was. */
  private long pause(long nanos) {
    long start = clock.nanoTime();
    clock.sleep(nanos);
    long end = clock.nanoTime();
    paused += end - start;
    workingSince = end;
    return end - start;
  }

  @Override
  public void betweenSegments() {
    if (policies.isEmpty()) {
      return;
    }
    work();
    if (monitor.due(workingSince)) {
      ask(false);
      waitUntilAllowed(false);
    }
    rest(SHORTEST_REST);
  }

  private void waitUntilAllowed(boolean all) {
    long waited = 0;
    while (decided.rate() == 0 && !decided.stop() && !released) {
      waited += pause(LOOK);
      ask(all);
    }
    if (waited > 0) {
      duty.waited(waited);
      tellDevice(monitor.reading());
    }
  }

  /** Asks all policies and tells what the device says. */
  private void check() {
    tellDevice(monitor.reading());
    ask(true);
    for (String complaint : monitor.complaints()) {
      told.onWarning(
          new TrainingListener.Warning(
              step, "sensor", complaint, "its value is left out; mft doctor shows all sensors"));
    }
  }

  private void tellDevice(DeviceReading reading) {
    if (!reading.equals(shown)) {
      shown = reading;
      told.onDevice(new TrainingListener.Device(step, reading));
    }
  }

  private void ask(boolean all) {
    Situation now =
        new Situation(
            monitor.reading(),
            clock.dateTime(),
            clock.nanoTime(),
            totalSteps - step,
            stepNanosMean * 1e-9);
    for (int i = 0; i < policies.size(); i++) {
      if (all || policies.get(i).urgent()) {
        limits.set(i, policies.get(i).limit(now));
      }
    }
    decide();
  }

  private void decide() {
    Limit strictest = Limit.NONE;
    for (Limit limit : limits) {
      boolean remark = strictest.equals(Limit.NONE) && limit.rate() == 1;
      strictest = limit.stricterThan(strictest) || remark ? limit : strictest;
    }
    decided = strictest;
    if (strictest.rate() > 0) {
      duty.rate(strictest.rate());
    }
    if (strictest.differs(lastTold)) {
      lastTold = strictest;
      boolean none = strictest.reason().isEmpty();
      told.onDecision(
          new TrainingListener.Decision(
              step,
              strictest.rate(),
              strictest.stop(),
              none ? "none" : strictest.policy(),
              none ? "nothing limits the run" : strictest.reason()));
    }
  }

  @Override
  public void release() {
    released = true;
    clock.wake();
  }
}
