package org.mobilefinetuner.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.energy.SimulatedDevice.Sample;
import org.mobilefinetuner.metrics.DeviceReading;
import org.mobilefinetuner.train.StepGate;
import org.mobilefinetuner.train.TrainingListener;

/** Runs of steps that do nothing, on a simulated device and in a time that is made up. */
final class EnergySchedulerTest {
  private static final int SEGMENTS = 10;
  private static final LocalDateTime START = LocalDateTime.of(2026, 1, 1, 22, 0);

  private final List<TrainingListener.Decision> decisions = new ArrayList<>();
  private final List<TrainingListener.Warning> warnings = new ArrayList<>();
  private final List<Sample> samples = new ArrayList<>();
  private final TrainingListener listener =
      new TrainingListener() {
        @Override
        public void onDecision(Decision decision) {
          decisions.add(decision);
        }

        @Override
        public void onWarning(Warning warning) {
          warnings.add(warning);
        }
      };

  /** A run of equal steps; how many of them were made, and in what time. */
  private record Run(int steps, double seconds, EnergyScheduler scheduler) {}

  private static DeviceModel model(double percent, double wattHours, double pluggedAfter) {
    return new DeviceModel(percent, wattHours, 0.8, 5, 25, 4, 600, 6, 10, pluggedAfter, START);
  }

  private static DeviceModel lasting(double percent) {
    return model(percent, 1000, Double.POSITIVE_INFINITY);
  }

  private Run run(
      DeviceModel model, int steps, double stepSeconds, int checkSteps, PowerPolicy... policies) {
    SimulatedDevice device = SimulatedDevice.virtual(model);
    device.sample(20, samples::add);
    PowerMonitor monitor =
        new PowerMonitor(device, new EnergyMeter(() -> 0, 0), device, 2_000_000_000L);
    EnergyScheduler scheduler =
        new EnergyScheduler(monitor, List.of(policies), device, checkSteps, steps);
    long segment = (long) (stepSeconds * 1e9 / SEGMENTS);
    boolean stop = scheduler.beforeRun(0, listener).stop();
    int made = 0;
    while (!stop && made < steps) {
      for (int i = 0; i < SEGMENTS; i++) {
        scheduler.betweenSegments();
        device.work(segment);
      }
      made++;
      StepGate.Passage passage = scheduler.afterStep(made, segment * SEGMENTS, listener);
      stop = passage.stop();
    }
    return new Run(made, device.nanoTime() * 1e-9, scheduler);
  }

  @Test
  void nothingLimitsARunWithoutReason() {
    Run run = run(lasting(80), 100, 10, 1, new ThermalStatus(), new BatteryThreshold(60, 0.5));
    assertThat(run.scheduler.pausedNanos()).isZero();
    assertThat(run.seconds).isCloseTo(1000, within(1e-6));
    assertThat(decisions).isEmpty();
    assertThat(warnings).isEmpty();
  }

  /** The paper's experiment: below μ = 60 % the rate is 1 − ρ. */
  @ParameterizedTest
  @CsvSource({"0.5,1,1", "0.5,10,1", "0.5,10,10", "0.25,10,1", "0.9,0.1,1", "0.95,10,1", "0,10,1"})
  void belowTheThresholdTheRateIsOneMinusRho(double rho, double stepSeconds, int checkSteps) {
    Run run = run(lasting(59), 300, stepSeconds, checkSteps, new BatteryThreshold(60, rho));
    double rate = 300 * stepSeconds / run.seconds;
    assertThat(rate).isCloseTo(1 - rho, within(0.03 * (1 - rho)));
    assertThat(decisions).hasSize(1);
  }

  /** Clocks of systems sleep longer than they are asked to. */
  @Test
  void aRestThatWasTooLongIsCarriedOver() {
    DutyCycle duty = new DutyCycle();
    duty.rate(0.5);
    long rested = 0;
    for (int i = 0; i < 1000; i++) {
      duty.worked(1_000_000);
      long due = duty.due();
      long slept = due == 0 ? 0 : due + 700_000;
      duty.rested(slept);
      rested += slept;
    }
    assertThat(rested).isCloseTo(1_000_000_000L, within(2_000_000L));
  }

  @Test
  void aboveTheThresholdTheRunIsFast() {
    DeviceModel small = model(64, 5, Double.POSITIVE_INFINITY);
    Run run = run(small, 400, 2, 1, new BatteryThreshold(60, 0.5));
    TrainingListener.Decision slow = decisions.get(0);
    assertThat(decisions).hasSize(1);
    assertThat(slow.rate()).isEqualTo(0.5);
    assertThat(slow.policy()).isEqualTo("battery-threshold");
    assertThat(slow.reason()).isEqualTo("battery at 59 %, threshold 60 %");
    double fast = slow.step() * 2;
    assertThat(run.seconds).isCloseTo(fast + (800 - fast) * 2, within(10.0));
  }

  @Test
  void aChargerLiftsTheThreshold() {
    run(model(50, 1000, 600), 200, 10, 1, new BatteryThreshold(60, 0.5));
    assertThat(decisions).extracting(TrainingListener.Decision::rate).containsExactly(0.5, 1.0);
    assertThat(decisions.get(1).policy()).isEqualTo("none");
  }

  @ParameterizedTest
  @CsvSource({"1,1", "10,1", "10,10", "60,1", "120,1"})
  void theTemperatureStaysBelowItsCeilingAndIsSteady(double stepSeconds, int checkSteps) {
    int steps = (int) (12_000 / stepSeconds);
    PowerPolicy ceiling = new TemperatureCeiling(TemperatureCeiling.Of.DEVICE, 37, 40);
    Run run = run(lasting(100), steps, stepSeconds, checkSteps, ceiling);
    assertThat(samples).allSatisfy(s -> assertThat(s.batteryCelsius()).isLessThan(40.5));
    List<Double> settled = new ArrayList<>();
    for (Sample sample : samples.subList(samples.size() / 2, samples.size())) {
      settled.add(sample.batteryCelsius());
    }
    double most = settled.stream().mapToDouble(t -> t).max().orElse(0);
    double least = settled.stream().mapToDouble(t -> t).min().orElse(0);
    assertThat(most - least).as("does not oscillate").isLessThan(0.5);
    assertThat(least).as("is not colder than it has to be").isGreaterThan(37);
    assertThat(run.steps).isEqualTo(steps);
    assertThat(decisions).as("not one for every look").hasSizeLessThan(25);
  }

  @Test
  void aProcessorThatIsHotAtOnceIsSlowedToo() {
    PowerPolicy ceiling = new TemperatureCeiling(TemperatureCeiling.Of.PROCESSOR, 60, 66);
    run(lasting(100), 4000, 1, 1, ceiling);
    List<Sample> settled = samples.subList(samples.size() / 4, samples.size());
    assertThat(settled).allSatisfy(s -> assertThat(s.cpuCelsius()).isBetween(45.0, 67.0));
  }

  /** A device so hot at the start that the run has to wait for it to cool down first. */
  @Test
  void aDeviceThatIsTooHotIsWaitedForBetweenSegments() {
    double[] celsius = {45};
    SimulatedDevice time = SimulatedDevice.virtual(lasting(100));
    DeviceProbe probe =
        new Fixed(
            () -> {
              celsius[0] = Math.max(30, celsius[0] - 0.1);
              return reading(80, false, celsius[0]);
            });
    PowerMonitor monitor = new PowerMonitor(probe, new EnergyMeter(() -> 0, 0), time, 1);
    EnergyScheduler scheduler =
        new EnergyScheduler(
            monitor,
            List.of(new TemperatureCeiling(TemperatureCeiling.Of.DEVICE, 37, 40)),
            time,
            1,
            10);
    celsius[0] = 30;
    scheduler.beforeRun(0, listener);
    time.work(1_000_000_000L);
    celsius[0] = 45;
    scheduler.betweenSegments();
    assertThat(scheduler.pausedNanos()).isGreaterThan(100_000_000_000L);
    assertThat(decisions.get(0).rate()).isZero();
    assertThat(celsius[0]).isLessThan(39.1);
  }

  @ParameterizedTest
  @ValueSource(ints = {50, 1000})
  void aDeadlineIsMetNearlyExactly(int steps) {
    double hours = 9;
    double work = 4 * 3600;
    Run run =
        run(lasting(100), steps, work / steps, 1, new Deadline(START.plusHours((long) hours)));
    assertThat(run.seconds).isBetween(hours * 3600 * 0.98, hours * 3600);
  }

  @Test
  void aDeadlineMakesGoodWhatOthersTook() {
    QuietHours quiet = new QuietHours(LocalTime.of(23, 0), LocalTime.of(3, 0));
    Run run = run(lasting(100), 1000, 14.4, 1, new Deadline(START.plusHours(9)), quiet);
    assertThat(run.seconds).isBetween(9 * 3600 * 0.98, 9.0 * 3600);
  }

  @Test
  void aDeadlineThatCannotBeMetIsSaid() {
    Run run = run(lasting(100), 100, 100, 1, new Deadline(START.plusHours(1)));
    assertThat(run.scheduler.pausedNanos()).isZero();
    assertThat(decisions.get(0).rate()).isEqualTo(1);
    assertThat(decisions.get(0).reason()).contains("too late");
  }

  @Test
  void atTheFloorTheRunEnds() {
    DeviceModel small = model(30, 5, Double.POSITIVE_INFINITY);
    Run run = run(small, 10_000, 10, 1, new BatteryFloor(20, false));
    assertThat(run.steps).isLessThan(1000);
    assertThat(run.scheduler.stopped()).isNotNull();
    assertThat(decisions).singleElement().satisfies(d -> assertThat(d.stop()).isTrue());
  }

  @Test
  void atTheFloorTheRunWaitsForACharger() {
    Run run = run(model(30, 5, 7200), 700, 10, 1, new BatteryFloor(20, true));
    assertThat(run.steps).isEqualTo(700);
    assertThat(run.scheduler.stopped()).isNull();
    assertThat(decisions).extracting(TrainingListener.Decision::rate).containsExactly(0.0, 1.0);
    assertThat(run.seconds).isGreaterThan(7200 + 5000);
  }

  @Test
  void aRunThatIsBelowTheFloorBeforeItsFirstStepMakesNone() {
    Run run = run(lasting(10), 100, 10, 1, new BatteryFloor(20, false));
    assertThat(run.steps).isZero();
    assertThat(run.scheduler.stopped()).isNotNull();
  }

  @Test
  void theLastStepNeedsNoPermission() {
    Run run = run(lasting(10), 1, 10, 1, new BatteryThreshold(60, 0.5));
    assertThat(run.seconds)
        .as("a rest after all but the last segment")
        .isCloseTo(10 + 9, within(0.1));
  }

  @Test
  void waitsForACharger() {
    Run run = run(model(90, 1000, 3600), 10, 10, 1, new OnlyCharging());
    assertThat(run.seconds).isBetween(3700.0, 3706.0);
  }

  @Test
  void waitsForTheEndOfTheQuietHours() {
    QuietHours quiet = new QuietHours(LocalTime.of(22, 0), LocalTime.of(7, 0));
    Run run = run(lasting(90), 10, 10, 1, quiet);
    assertThat(run.seconds).isBetween(9 * 3600.0 + 100, 9 * 3600.0 + 106);
  }

  @ParameterizedTest
  @CsvSource({
    "22:00,07:00,21:59,false",
    "22:00,07:00,22:00,true",
    "22:00,07:00,06:59,true",
    "22:00,07:00,07:00,false",
    "12:00,14:00,13:00,true",
    "12:00,14:00,23:00,false"
  })
  void quietHoursMayPassMidnight(LocalTime from, LocalTime to, LocalTime now, boolean quiet) {
    Situation at = new Situation(DeviceReading.NOTHING, now.atDate(START.toLocalDate()), 0, 1, 1);
    assertThat(new QuietHours(from, to).limit(at).rate() == 0).isEqualTo(quiet);
  }

  @Test
  void theBudgetOfEnergyIsKept() {
    Run run = run(lasting(90), 1000, 10, 1, new EnergyBudget(20_000));
    assertThat(run.steps).isEqualTo(400); // of 50 J
    assertThat(decisions.get(0).reason()).isEqualTo("20000 J used of 20000 J (simulated)");
  }

  @Test
  void theStrictestWins() {
    Run run =
        run(
            lasting(50),
            200,
            10,
            1,
            new BatteryThreshold(60, 0.5),
            new BatteryThreshold(60, 0.8),
            new BatteryThreshold(60, 0.2));
    assertThat(200 * 10 / run.seconds).isCloseTo(0.2, within(0.01));
  }

  @Test
  void whatIsAskedForButCannotBeSeenIsSaid() {
    PowerMonitor monitor =
        new PowerMonitor(
            new Fixed(() -> DeviceReading.NOTHING),
            new EnergyMeter(() -> 0, 0),
            new SystemClock(),
            1);
    new EnergyScheduler(
            monitor,
            List.of(new BatteryThreshold(60, 0.5), new OnlyCharging(), new ThermalStatus()),
            new SystemClock(),
            1,
            10)
        .beforeRun(0, listener);
    assertThat(warnings)
        .extracting(TrainingListener.Warning::kind)
        .containsExactly("no-sensor", "no-sensor");
    assertThat(warnings.get(0).message()).contains("battery-threshold", "charge");
  }

  /** Ctrl-C while a run waits ends the wait. */
  @Test
  void aWaitCanBeEnded() throws InterruptedException {
    SystemClock clock = new SystemClock();
    PowerMonitor monitor =
        new PowerMonitor(
            new Fixed(() -> reading(50, false, 30)), new EnergyMeter(() -> 0, 0), clock, 1);
    EnergyScheduler scheduler =
        new EnergyScheduler(monitor, List.of(new OnlyCharging()), clock, 1, 10);
    Thread waiting = new Thread(() -> scheduler.beforeRun(0, listener));
    waiting.start();
    scheduler.release();
    waiting.join();
    assertThat(scheduler.stopped()).isNull();
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    assertThatThrownBy(() -> new BatteryThreshold(60, 0.96)).hasMessageContaining("0.95");
    assertThatThrownBy(() -> new BatteryThreshold(101, 0.5)).hasMessageContaining("101");
    assertThatThrownBy(() -> new BatteryFloor(Double.NaN, true)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new EnergyBudget(0)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> new TemperatureCeiling(TemperatureCeiling.Of.DEVICE, 45, 40))
        .hasMessageContaining("45");
  }

  private static DeviceReading reading(double percent, boolean charging, double celsius) {
    DeviceReading nothing = DeviceReading.NOTHING;
    return new DeviceReading(
        OptionalDouble.of(percent),
        charging,
        nothing.batteryWatts(),
        OptionalDouble.of(celsius),
        nothing.cpuCelsius(),
        nothing.thermalStatus(),
        nothing.energyJoules(),
        null);
  }

  /** A probe that says what it is told to. */
  private record Fixed(Supplier<DeviceReading> says) implements DeviceProbe {
    @Override
    public DeviceReading read() {
      return says.get();
    }

    @Override
    public List<Sensor> sensors() {
      return List.of();
    }
  }
}
