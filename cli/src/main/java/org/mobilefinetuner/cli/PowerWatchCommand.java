package org.mobilefinetuner.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.energy.DeviceProbe;
import org.mobilefinetuner.energy.Sensor;
import org.mobilefinetuner.energy.SystemClock;
import org.mobilefinetuner.metrics.DeviceReading;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mft power watch}: prints what the sensors say, again and again. */
@Command(
    name = "watch",
    description = "Prints what the sensors say, until it is ended.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class PowerWatchCommand implements Callable<Integer> {
  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      description = "Time between two lines (default: 1).")
  private double interval = 1;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "Lines to print (default: until Ctrl-C).")
  private int count;

  @Option(names = "--json", description = "Print a JSON object per line.")
  private boolean json;

  @Option(
      names = "--sysfs-root",
      paramLabel = "DIR",
      description = "Where the sensors' files are (default: /sys).")
  private @Nullable Path sysfsRoot;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    if (!(interval > 0 && interval <= 86_400) || count < 0) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "expected an --interval above 0 and a --count of at least 0, found "
              + interval
              + " and "
              + count);
    }
    PrintWriter out = spec.commandLine().getOut();
    SystemClock clock = new SystemClock();
    try (Sensors sensors = Sensors.ofThisMachine(sysfsRoot)) {
      DeviceProbe probe = sensors.probe();
      if (!json) {
        printMissing(probe, out);
      }
      for (int i = 0; (count == 0 || i < count) && !out.checkError(); i++) {
        if (i > 0) {
          clock.sleep((long) (interval * 1e9));
        }
        print(probe.read(), out);
        probe.complaints().forEach(spec.commandLine().getErr()::println);
        out.flush();
      }
    }
    return 0;
  }

  private void print(DeviceReading reading, PrintWriter out) {
    LocalTime time = LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS);
    out.println(
        json
            ? ReadingSensors.json(reading).put("time", time.toString()).toString()
            : time + "  " + ReadingSensors.line(reading));
  }

  /** What is not there at all, once. */
  private static void printMissing(DeviceProbe probe, PrintWriter out) {
    for (Sensor sensor : probe.sensors()) {
      if ("none there".equals(sensor.problem()) || "no such file".equals(sensor.problem())) {
        out.println(sensor.quantity() + ": " + sensor.source() + ": " + sensor.problem());
      }
    }
  }
}
