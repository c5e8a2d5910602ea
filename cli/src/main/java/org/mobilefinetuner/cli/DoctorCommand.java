package org.mobilefinetuner.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.energy.Sensor;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Backends;
import org.mobilefinetuner.kernel.KernelsProvider;
import org.mobilefinetuner.vector.FmaPeak;
import org.mobilefinetuner.vector.VectorKernelsProvider;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mft doctor}: what this machine offers, and why a backend is not used. */
@Command(
    name = "doctor",
    description = "Shows what this machine offers: Java, processors, memory, backends, sensors.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(
      names = "--sysfs-root",
      paramLabel = "DIR",
      description = "Where the sensors' files are (default: /sys).")
  private @Nullable Path sysfsRoot;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    // Knows the limits of a container, where /proc/meminfo shows the whole machine.
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    List<KernelsProvider> backends = Backends.all();
    PrintWriter out = spec.commandLine().getOut();
    try (Sensors all = Sensors.ofThisMachine(sysfsRoot)) {
      List<Sensor> sensors = all.probe().sensors();
      if (json) {
        List<JsonObject> list = sensors.stream().map(ReadingSensors::json).toList();
        out.println(object(system, backends).put("sensors", list));
      } else {
        print(system, backends, out);
        print(sensors, out);
      }
    }
    return 0;
  }

  private static JsonObject object(OperatingSystemMXBean system, List<KernelsProvider> backends) {
    List<JsonObject> list = new ArrayList<>();
    @Nullable String best = null;
    for (KernelsProvider backend : backends) {
      @Nullable String reason = backend.unavailable();
      best = best == null && reason == null ? backend.name() : best;
      list.add(
          JsonObject.empty()
              .put("name", backend.name())
              .put("usable", reason == null)
              .put("reason", reason));
    }
    return JsonObject.empty()
        .put("mft", Main.Version.version())
        .put("java", Runtime.version().toString())
        .put("java_vm", System.getProperty("java.vm.name"))
        .put("java_home", System.getProperty("java.home"))
        .put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"))
        .put("arch", System.getProperty("os.arch"))
        .put("processors", Runtime.getRuntime().availableProcessors())
        .put("memory_bytes", system.getTotalMemorySize())
        .put("memory_free_bytes", system.getFreeMemorySize())
        .put("heap_max_bytes", Runtime.getRuntime().maxMemory())
        .put("fma_peak_gflops", vectors(backends) ? FmaPeak.gflops(1) : null)
        .put("backend", best)
        .put("backends", list);
  }

  private static void print(
      OperatingSystemMXBean system, List<KernelsProvider> backends, PrintWriter out) {
    out.println("MobileFineTuner " + Main.Version.version());
    out.printf(
        "Java       %s, %s, %s%n",
        Runtime.version(), System.getProperty("java.vm.name"), System.getProperty("java.home"));
    out.printf(
        "System     %s %s, %s%n",
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        System.getProperty("os.arch"));
    out.printf("Processors %d%n", Runtime.getRuntime().availableProcessors());
    out.printf(
        Locale.ROOT,
        "Memory     %.1f GB, %.1f GB free; Java heap up to %.1f GB (MFT_HEAP=4g changes it)%n",
        system.getTotalMemorySize() * 1e-9,
        system.getFreeMemorySize() * 1e-9,
        Runtime.getRuntime().maxMemory() * 1e-9);
    if (vectors(backends)) {
      int all = Runtime.getRuntime().availableProcessors();
      out.printf(
          Locale.ROOT,
          "FMA peak   %.0f GFLOP/s on one thread, %.0f on %d%n",
          FmaPeak.gflops(1),
          FmaPeak.gflops(all),
          all);
    }
    out.println("Backends");
    boolean chosen = false;
    for (KernelsProvider backend : backends) {
      @Nullable String reason = backend.unavailable();
      String state = reason != null ? "cannot be used: " + reason : chosen ? "works" : "used";
      chosen |= reason == null;
      out.printf("  %-11s %s%n", backend.name(), state);
    }
  }

  private static void print(List<Sensor> sensors, PrintWriter out) {
    out.println("Power and heat");
    if (sensors.stream().noneMatch(s -> s.quantity().equals("battery charge"))) {
      out.println("  No battery: the system tells of none.");
    }
    Table table = new Table("  what", "says", "where");
    for (Sensor sensor : sensors) {
      @Nullable String value = sensor.value();
      table.row(
          "  " + sensor.quantity(),
          value == null ? "- (" + sensor.problem() + ")" : value,
          sensor.source());
    }
    table.print(out);
  }

  private static boolean vectors(List<KernelsProvider> backends) {
    for (KernelsProvider backend : backends) {
      if (backend instanceof VectorKernelsProvider) {
        return backend.unavailable() == null;
      }
    }
    return false;
  }
}
