package org.mobilefinetuner.jni;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * What decides which library fits a machine.
 *
 * @param os the operating system, as Java names it
 * @param arch the architecture, as Java names it
 * @param flags what the processor can do, as Linux names it
 */
record Processor(String os, String arch, Set<String> flags) {
  /** The property that names another file than {@code /proc/cpuinfo}, for emulators. */
  private static final String CPUINFO = "mft.native.cpuinfo";

  private static final String V4 = "libmft-x86-64-v4.so";
  private static final Set<String> AVX512 =
      Set.of("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl");
  private static final Set<String> AVX2 = Set.of("avx2", "fma", "bmi1", "bmi2", "f16c", "movbe");

  static Processor current() {
    return new Processor(
        System.getProperty("os.name", ""),
        System.getProperty("os.arch", "").toLowerCase(Locale.ROOT),
        flags(Paths.get(System.getProperty(CPUINFO, "/proc/cpuinfo"))));
  }

  /** Why there is no library for this machine, or null if there is one. */
  @Nullable String unsupported() {
    if (!os.equals("Linux")) {
      return "expected Linux or Android, found " + os;
    }
    if (!arm64() && !x86()) {
      return "expected an arm64 or x86-64 processor, found " + arch;
    }
    if (x86() && !flags.containsAll(AVX2)) {
      return "expected a processor with AVX2 and FMA, found one without";
    }
    return null;
  }

  /** Why products cannot be of bfloat16 here, or null if they can. */
  @Nullable String withoutBf16() {
    String reason = unsupported();
    if (reason != null) {
      return reason;
    }
    String wanted = arm64() ? "bf16" : "avx512_bf16";
    if (!flags.contains(wanted) || (x86() && !library().equals(V4))) {
      return "expected a processor with " + wanted + ", found one without; use --backend native";
    }
    return null;
  }

  /** The file of the library, where the machine is supported. */
  String library() {
    if (arm64()) {
      return "libmft-arm64.so";
    }
    return flags.containsAll(AVX512) && flags.containsAll(AVX2)
        ? V4
        : "libmft-x86-64-v3.so";
  }

  private boolean arm64() {
    return arch.equals("aarch64") || arch.equals("arm64");
  }

  private boolean x86() {
    return arch.equals("amd64") || arch.equals("x86_64");
  }

  /** The words behind {@code flags} or, on arm64, {@code Features}, of the first processor. */
  static Set<String> flags(Path cpuinfo) {
    try {
      for (String line : Files.readAllLines(cpuinfo, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith("flags") || line.startsWith("Features")) {
          Set<String> flags = new HashSet<>();
          StringTokenizer words = new StringTokenizer(line.substring(line.indexOf(':') + 1));
          while (words.hasMoreTokens()) {
            flags.add(words.nextToken());
          }
          return flags;
        }
      }
    } catch (IOException e) {
      // Not Linux, or closed to us: then nothing is known of the processor.
    }
    return Set.of();
  }
}
