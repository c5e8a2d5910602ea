package org.mobilefinetuner.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** The files of {@code /proc} with a name and a number on each line, some of them kB. */
final class ProcFile {
  private ProcFile() {}

  /** The bytes on the line of kB that begins with {@code key}; none where there is none. */
  static OptionalLong bytes(Path file, String key) {
    OptionalLong kib = number(file, key);
    return kib.isPresent() ? OptionalLong.of(kib.getAsLong() << 10) : kib;
  }

  /** The number on the line that begins with {@code key}; none where there is no such file. */
  static OptionalLong number(Path file, String key) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return OptionalLong.empty(); // not Linux
    }
    for (String line : lines) {
      if (line.startsWith(key)) {
        String digits = line.replaceAll("[^0-9]", "");
        return digits.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(digits));
      }
    }
    return OptionalLong.empty();
  }
}
