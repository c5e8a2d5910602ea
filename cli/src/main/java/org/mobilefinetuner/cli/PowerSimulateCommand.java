package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.mobilefinetuner.energy.EnergyScheduler;
import org.mobilefinetuner.energy.Limit;
import org.mobilefinetuner.energy.SimulatedDevice;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.train.StepGate;
import org.mobilefinetuner.train.TrainingListener;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code mft power simulate}: a run of steps that do nothing, on a simulated device and in a time
 * that is made up, under the policies of {@code mft train}.
 */
@Command(
    name = "simulate",
    description = "Shows what the power options of train do to a simulated device, within seconds.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class PowerSimulateCommand implements Callable<Integer> {
  private static final int SEGMENTS = 24;
  private static final int SAMPLES = 300;

  @Mixin private PowerOptions power = new PowerOptions();

  @Option(names = "--steps", paramLabel = "N", description = "Steps of the run (default: 2000).")
  private int steps = 2000;

  @Option(
      names = "--step-seconds",
      paramLabel = "SECONDS",
      description = "What a step takes at full speed (default: 10).")
  private double stepSeconds = 10;

  @Option(
      names = {"--output", "-o"},
      paramLabel = "FILE",
      required = true,
      description = "Battery, temperature and rate over time: FILE.svg, FILE.html or FILE.csv.")
  private Path output = Path.of("");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    String name = String.valueOf(output.getFileName()).toLowerCase(Locale.ROOT);
    SimulatedDevice device;
    EnergyScheduler scheduler;
    try {
      power.check();
      if (!(steps >= 1 && steps <= 10_000_000 && stepSeconds > 0 && stepSeconds <= 86_400)) {
        throw new IllegalArgumentException(
            "expected --steps and --step-seconds above 0, found " + steps + " and " + stepSeconds);
      }
      if (!name.matches(".*\\.(svg|html|csv)")) {
        throw new IllegalArgumentException(
            "expected an --output that ends in .svg, .html or .csv, found " + output);
      }
      String model = power.simulated == null ? "" : power.simulated;
      device = SimulatedDevice.virtual(Simulation.parse(model).model());
      scheduler = RunPower.scheduler(power, device, device, steps);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    SimulationTrace trace = run(device, scheduler);
    AtomicFile.write(output, trace.text(name.substring(name.lastIndexOf('.') + 1)));
    print(trace, scheduler);
    return 0;
  }

  private SimulationTrace run(SimulatedDevice device, EnergyScheduler scheduler) {
    List<SimulatedDevice.Sample> samples = new ArrayList<>();
    List<SimulationTrace.Mark> marks = new ArrayList<>();
    TrainingListener told =
        new TrainingListener() {
          @Override
          public void onDecision(Decision decision) {
            marks.add(new SimulationTrace.Mark(device.nanoTime() * 1e-9, decision));
          }

          @Override
          public void onWarning(Warning warning) {
            spec.commandLine().getErr().println(warning.message() + "; " + warning.advice());
          }
        };
    device.sample(Math.max(1, steps * stepSeconds / SAMPLES), samples::add);
    long segment = (long) (stepSeconds * 1e9 / SEGMENTS);
    boolean stop = scheduler.beforeRun(0, told).stop();
    int made = 0;
    while (!stop && made < steps && !device.empty()) {
      for (int i = 0; i < SEGMENTS; i++) {
        scheduler.betweenSegments();
        device.work(segment);
      }
      made++;
      StepGate.Passage passage = scheduler.afterStep(made, segment * SEGMENTS, told);
      stop = passage.stop();
    }
    return new SimulationTrace(samples, marks, made, device.nanoTime() * 1e-9);
  }

  private void print(SimulationTrace trace, EnergyScheduler scheduler) {
    PrintWriter out = spec.commandLine().getOut();
    for (SimulationTrace.Mark mark : trace.marks()) {
      out.printf(
          "%s  %s%n", SimulationTrace.time(mark.seconds()), PowerMessages.text(mark.decision()));
    }
    Limit stopped = scheduler.stopped();
    out.printf(
        Locale.ROOT,
        "%,d of %,d steps in %s, at %.1f %% of full speed; %.0f J; saved to %s%n",
        trace.steps(),
        steps,
        SimulationTrace.time(trace.seconds()),
        100 * trace.steps() * stepSeconds / Math.max(1e-9, trace.seconds()),
        scheduler.reading().energyJoules().orElse(0),
        output);
    if (trace.steps() < steps) {
      out.println(
          stopped == null
              ? "The battery is empty; the device has switched itself off"
              : "Stopped by " + stopped.policy() + "; train would exit with code 75");
    }
  }
}
