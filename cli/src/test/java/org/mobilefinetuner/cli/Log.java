package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mobilefinetuner.io.JsonObject;

/** The lines of a {@code metrics.jsonl}. */
final class Log {
  private Log() {}

  /** All lines of a JSONL file. */
  static List<JsonObject> all(Path file) throws IOException {
    List<JsonObject> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JsonObject.parse(file.toString(), line));
    }
    return lines;
  }

  /** Those of steps and evaluations. */
  static List<JsonObject> measured(Path file) throws IOException {
    return all(file).stream().filter(line -> !line.has("event")).toList();
  }

  /** Those of one kind of event. */
  static List<JsonObject> events(Path file, String event) throws IOException {
    return all(file).stream().filter(line -> event.equals(line.get("event"))).toList();
  }

  /** What is the same however often and wherever the run is made. */
  static String same(JsonObject line) {
    JsonObject same = JsonObject.empty();
    for (String key : line.keys()) {
      if (!key.matches("energy_.*|io_.*|mem_.*|time_.*|eta_.*|sleep_.*|.*_runtime|.*_per_second")) {
        same.put(key, line.get(key));
      }
    }
    return same.toString();
  }
}
