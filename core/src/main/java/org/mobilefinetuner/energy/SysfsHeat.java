package org.mobilefinetuner.energy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Temperatures in thousandths of a degree: {@code thermal_zone*} of {@code /sys/class/thermal}
 * ({@code Documentation/driver-api/thermal/sysfs-api.rst}) and {@code temp*_input} of {@code
 * /sys/class/hwmon} ({@code Documentation/hwmon/sysfs-interface.rst}).
 */
final class SysfsHeat {
  private static final Pattern PROCESSOR =
      Pattern.compile(".*(cpu|x86_pkg|soc|bigcore|littlecore|midcore|cluster|coretemp|apss).*");
  private static final Pattern PROCESSOR_CHIP =
      Pattern.compile("coretemp|k10temp|zenpower|cpu.*|soc.*|.*_cpu");
  private static final int CHANNELS = 64;

  private final List<OptionalDouble> processor = new ArrayList<>();
  private final List<OptionalDouble> battery = new ArrayList<>();

  SysfsHeat(SysfsFiles files) {
    for (Path zone : files.folders("thermal", "thermal_zone")) {
      String type = lower(files.word("thermal zone", zone.resolve("type")));
      if (type.contains("battery")) {
        battery.add(celsius(files, "battery temperature", zone.resolve("temp")));
      } else if (PROCESSOR.matcher(type).matches()) {
        processor.add(celsius(files, "processor temperature", zone.resolve("temp")));
      }
    }
    if (processor().isEmpty()) {
      for (Path chip : files.folders("hwmon", "hwmon")) {
        if (PROCESSOR_CHIP.matcher(lower(files.word("chip", chip.resolve("name")))).matches()) {
          addChannels(files, chip);
        }
      }
    }
  }

  private void addChannels(SysfsFiles files, Path chip) {
    for (int i = 1; i <= CHANNELS; i++) {
      Path input = chip.resolve("temp" + i + "_input");
      if (Files.exists(input)) {
        processor.add(celsius(files, "processor temperature", input));
      }
    }
  }

  private static OptionalDouble celsius(SysfsFiles files, String name, Path file) {
    return files.number(name, file, Quantity.THOUSANDTHS_OF_A_DEGREE);
  }

  private static String lower(@Nullable String word) {
    return word == null ? "" : word.toLowerCase(Locale.ROOT);
  }

  /** The hottest processor's. */
  OptionalDouble processor() {
    return SysfsSupplies.warmest(processor, t -> t);
  }

  /** The battery's, where a zone measures it. */
  OptionalDouble battery() {
    return SysfsSupplies.warmest(battery, t -> t);
  }
}
