package org.mobilefinetuner.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.mobilefinetuner.energy.BackgroundProbe;
import org.mobilefinetuner.energy.BatteryFloor;
import org.mobilefinetuner.energy.BatteryThreshold;
import org.mobilefinetuner.energy.EnergyMeter;
import org.mobilefinetuner.energy.EnergyScheduler;
import org.mobilefinetuner.energy.PowerMonitor;
import org.mobilefinetuner.energy.SysfsProbe;
import org.mobilefinetuner.energy.SystemClock;
import org.mobilefinetuner.energy.TemperatureCeiling;
import org.mobilefinetuner.train.StepGate;
import org.mobilefinetuner.train.TrainingListener;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the scheduler costs a step of 25 segments, forward and backward, when it slows nothing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SchedulerBench {
  private static final int GATES = 50;
  private static final TrainingListener NOBODY = new TrainingListener() {};

  /** Where the sensors' files are. */
  @Param({"testkit/src/test/resources/sysfs/phone"})
  public String sysfs = "";

  /** ns between two readings: that of a run, and 0 for one at each question. */
  @Param({"2000000000", "0"})
  public long interval;

  private final SystemClock clock = new SystemClock();
  private BackgroundProbe probe = probe();
  private EnergyScheduler scheduler = scheduler();
  private int step;

  private BackgroundProbe probe() {
    return new BackgroundProbe("sysfs", new SysfsProbe(Path.of(sysfs)), 100);
  }

  private EnergyScheduler scheduler() {
    return new EnergyScheduler(
        new PowerMonitor(probe, new EnergyMeter(() -> 0, 4), clock, interval),
        List.of(
            new BatteryThreshold(20, 0.5),
            new BatteryFloor(5, false),
            new TemperatureCeiling(TemperatureCeiling.Of.DEVICE, 40, 43)),
        clock,
        1,
        Integer.MAX_VALUE);
  }

  @Setup
  public void setUp() {
    probe.close();
    probe = probe();
    scheduler = scheduler();
    StepGate.Passage _ = scheduler.beforeRun(0, NOBODY);
  }

  @TearDown
  public void tearDown() {
    probe.close();
  }

  @Benchmark
  public StepGate.Passage step() {
    for (int i = 0; i < GATES; i++) {
      scheduler.betweenSegments();
    }
    step++;
    return scheduler.afterStep(step, 1, NOBODY);
  }
}
