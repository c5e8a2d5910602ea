package org.mobilefinetuner.android.shell;

import java.io.PrintStream;
import java.nio.file.Paths;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.android.DeviceBackends;
import org.mobilefinetuner.energy.Sensor;
import org.mobilefinetuner.energy.SysfsProbe;
import org.mobilefinetuner.kernel.KernelsProvider;
import org.mobilefinetuner.metrics.SystemMemory;

/** {@code doctor}: what there is to train with. */
final class Doctor {
  private Doctor() {}

  static void print(PrintStream out) {
    out.printf(
        "Java       %s %s%n",
        System.getProperty("java.vm.name"), System.getProperty("java.vm.version"));
    out.printf(
        "System     %s %s, %s%n",
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        System.getProperty("os.arch"));
    out.printf("Processors %d%n", Runtime.getRuntime().availableProcessors());
    out.printf(
        Locale.ROOT,
        "Memory     %,d MB available, heap up to %,d MB%n",
        new SystemMemory().availableBytes().orElse(0) / 1_000_000,
        Runtime.getRuntime().maxMemory() / 1_000_000);
    out.println("Sensors");
    for (Sensor sensor : new SysfsProbe(Paths.get("/sys")).sensors()) {
      out.printf(
          "  %-20s %s  %s%n",
          sensor.quantity(),
          sensor.value() != null ? sensor.value() : sensor.problem(),
          sensor.source());
    }
    out.println("Backends");
    boolean chosen = false;
    for (KernelsProvider backend : DeviceBackends.all()) {
      @Nullable String reason = backend.unavailable();
      String state = reason != null ? "cannot be used: " + reason : chosen ? "works" : "used";
      chosen |= reason == null;
      out.printf("  %-8s %s%n", backend.name(), state);
    }
  }
}
