package org.mobilefinetuner.energy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The counters of energy of {@code /sys/class/powercap} ({@code
 * Documentation/power/powercap/powercap.rst}): {@code energy_uj} in µJ, which starts again from 0
 * behind {@code max_energy_range_uj}. Counted are the packages of processors, and the memory that
 * is not part of them. Needs to be read more often than a counter starts again: on a processor of
 * 65 W that is about once an hour.
 */
final class EnergyCounters {
  private static final Pattern PACKAGE = Pattern.compile("intel-rapl:\\d+|amd-rapl:\\d+");
  private static final Pattern MEMORY = Pattern.compile("intel-rapl:\\d+:\\d+");

  private final Map<Path, Double> last = new HashMap<>();
  private final List<String> counted = new ArrayList<>();
  private double joules;

  /** What all counters have counted since the first call; none without a counter. */
  OptionalDouble read(SysfsFiles files) {
    boolean any = false;
    counted.clear();
    for (Path zone : files.folders("powercap", "")) {
      String folder = String.valueOf(zone.getFileName());
      boolean part = MEMORY.matcher(folder).matches();
      if (!part && !PACKAGE.matcher(folder).matches()) {
        continue;
      }
      @Nullable String name = files.word("energy zone", zone.resolve("name"));
      if (name != null && (part ? name.equals("dram") : name.startsWith("package"))) {
        any |= count(files, zone, name);
      }
    }
    return any ? OptionalDouble.of(joules) : OptionalDouble.empty();
  }

  private boolean count(SysfsFiles files, Path zone, String name) {
    OptionalDouble now =
        files.number("energy of " + name, zone.resolve("energy_uj"), Quantity.MICROJOULES);
    if (now.isEmpty()) {
      return false;
    }
    Double before = last.put(zone, now.getAsDouble());
    counted.add(name);
    if (before != null) {
      double used = now.getAsDouble() - before;
      if (used < 0) {
        used +=
            files
                .number(
                    "range of " + name, zone.resolve("max_energy_range_uj"), Quantity.MICROJOULES)
                .orElse(-used); // nothing is added where the range is not told
      }
      joules += Math.max(0, used);
    }
    return true;
  }

  /** What the figure was measured with. */
  String source() {
    return "RAPL " + String.join(", ", counted);
  }
}
