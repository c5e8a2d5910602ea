package org.mobilefinetuner.measure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.metrics.SystemMemory;

/** What decides how fast a device can be. What the system does not tell is null or empty. */
final class DeviceFacts {
  private static final Path CPUINFO = Paths.get("/proc/cpuinfo");

  /** What kernels are chosen by, as Linux names it. */
  private static final Set<String> FEATURES =
      Set.of(
          "asimd",
          "asimdhp",
          "asimddp",
          "bf16",
          "i8mm",
          "sve",
          "sve2",
          "sme",
          "avx2",
          "fma",
          "avx512f",
          "avx512bw",
          "avx512vl",
          "avx512_bf16",
          "avx512_vnni",
          "amx_bf16",
          "amx_int8");

  /** Where the name of a device may be: of boards, and of PCs. */
  private static final List<String> NAMES =
      List.of("/sys/firmware/devicetree/base/model", "/sys/devices/virtual/dmi/id/product_name");

  private DeviceFacts() {}

  /**
   * @param name of the device, or null for what the system calls it
   */
  static JsonObject of(@Nullable String name) {
    List<String> cpuinfo = lines(CPUINFO);
    SystemMemory memory = new SystemMemory();
    return JsonObject.empty()
        .put("name", name != null ? name : nameBySystem())
        .put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"))
        .put("arch", System.getProperty("os.arch"))
        .put("runtime", System.getProperty("java.vm.name"))
        .put("runtime_version", System.getProperty("java.vm.version"))
        .put("processors", Runtime.getRuntime().availableProcessors())
        .put("cores", cores(cpuinfo))
        .put("max_khz", frequencies())
        .put("cpu_features", features(cpuinfo))
        .put("memory_bytes", orNull(memory.totalBytes().orElse(0)))
        .put("memory_available_bytes", orNull(memory.availableBytes().orElse(0)))
        .put("heap_max_bytes", Runtime.getRuntime().maxMemory());
  }

  private static @Nullable Long orNull(long bytes) {
    return bytes == 0 ? null : bytes;
  }

  private static @Nullable String nameBySystem() {
    for (String file : NAMES) {
      List<String> lines = lines(Paths.get(file));
      if (!lines.isEmpty()) {
        return lines.get(0).replace("\0", "").trim();
      }
    }
    return null;
  }

  /** How many cores there are of each kind: by its name, or by ARM's numbers for it. */
  static JsonObject cores(List<String> cpuinfo) {
    Map<String, Integer> counts = new TreeMap<>();
    String implementer = "";
    for (String line : cpuinfo) {
      if (line.startsWith("model name")) {
        counts.merge(value(line), 1, Integer::sum);
      } else if (line.startsWith("CPU implementer")) {
        implementer = value(line);
      } else if (line.startsWith("CPU part")) {
        counts.merge(implementer + "/" + value(line), 1, Integer::sum);
      }
    }
    JsonObject cores = JsonObject.empty();
    counts.forEach(cores::put);
    return cores;
  }

  /** Those of {@link #FEATURES} that every core has. */
  static List<String> features(List<String> cpuinfo) {
    Set<String> common = null;
    for (String line : cpuinfo) {
      if (line.startsWith("flags") || line.startsWith("Features")) {
        Set<String> has = new TreeSet<>(Arrays.asList(value(line).split(" ", -1)));
        if (common == null) {
          common = has;
        } else {
          common.retainAll(has);
        }
      }
    }
    return common == null
        ? List.of()
        : common.stream().filter(FEATURES::contains).collect(Collectors.toList());
  }

  private static String value(String line) {
    return line.substring(line.indexOf(':') + 1).trim();
  }

  /** The highest clock of each processor, where the system tells it. */
  private static List<Long> frequencies() {
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      Path file = Paths.get("/sys/devices/system/cpu/cpu" + i + "/cpufreq/cpuinfo_max_freq");
      for (String line : lines(file)) {
        if (line.matches("[0-9]{1,12}")) {
          all.add(Long.parseLong(line));
        }
      }
    }
    return all;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return List.of(); // not Linux, or closed to us
    }
  }
}
