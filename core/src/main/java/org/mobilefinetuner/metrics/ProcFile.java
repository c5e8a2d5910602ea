package org.mobilefinetuner.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** The files of {@code /proc} with a name, a number and kB on each line. */
final class ProcFile {
  private ProcFile() {}

  /** The bytes on the line that begins with {@code key}; none where there is no such file. */
  static OptionalLong bytes(Path file, String key) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return OptionalLong.empty(); // not Linux
    }
    for (String line : lines) {
      if (line.startsWith(key)) {
        String digits = line.replaceAll("[^0-9]", "");
        return digits.isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(Long.parseLong(digits) << 10);
      }
    }
    return OptionalLong.empty();
  }
}
