package org.mobilefinetuner.cli;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.energy.BackgroundProbe;
import org.mobilefinetuner.energy.CombinedProbe;
import org.mobilefinetuner.energy.DeviceProbe;
import org.mobilefinetuner.energy.SysfsProbe;

/** All that can tell of power and heat here, each on a thread of its own. */
final class Sensors implements AutoCloseable {
  private static final long PATIENCE = 100; // ms

  private final List<BackgroundProbe> all = new ArrayList<>();

  private Sensors() {}

  /**
   * The files of sysfs on Linux, on Android also Termux's command where it is installed, and what
   * OSHI knows on macOS and Windows.
   *
   * @param sysfsRoot if given, only its files are read
   */
  static Sensors ofThisMachine(@Nullable Path sysfsRoot) {
    Sensors sensors = new Sensors();
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    if (sysfsRoot != null) {
      sensors.add(sysfsRoot.toString(), new SysfsProbe(sysfsRoot));
    } else if (system.startsWith("mac") || system.startsWith("windows")) {
      sensors.add("OSHI", new OshiProbe());
    } else {
      sensors.add("/sys", new SysfsProbe(Path.of("/sys")));
      @Nullable Path termux = onPath(TermuxProbe.COMMAND);
      if (termux != null) {
        sensors.add(TermuxProbe.COMMAND, new TermuxProbe(termux));
      }
    }
    return sensors;
  }

  private void add(String name, DeviceProbe probe) {
    all.add(new BackgroundProbe(name, probe, PATIENCE));
  }

  private static @Nullable Path onPath(String command) {
    @Nullable String path = System.getenv("PATH");
    for (String folder :
        path == null ? new String[0] : path.split(Pattern.quote(File.pathSeparator))) {
      Path file = Path.of(folder, command);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    return null;
  }

  /** All of them as one. */
  DeviceProbe probe() {
    return new CombinedProbe(List.copyOf(all));
  }

  @Override
  public void close() {
    all.forEach(BackgroundProbe::close);
  }
}
