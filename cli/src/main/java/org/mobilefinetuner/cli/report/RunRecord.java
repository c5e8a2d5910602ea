package org.mobilefinetuner.cli.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.cli.quickstart.BeforeAndAfter;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.TextFile;
import org.mobilefinetuner.train.RunFolder;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What a run has written of itself: all of it, or what there is so far.
 *
 * @param name of the folder
 * @param config its options and their values
 * @param steps the lines of steps
 * @param evaluations those of evaluations
 * @param events the other lines
 * @param energySource what joules were measured with, if they were
 * @param samples answers before and after, if there are any
 */
record RunRecord(
    String name,
    Map<String, String> config,
    Columns steps,
    Columns evaluations,
    List<JsonObject> events,
    @Nullable String energySource,
    @Nullable JsonObject samples) {

  /** Reads the folder of a run that is finished, going on, or was killed. */
  static RunRecord read(Path folder) throws IOException {
    Columns steps = new Columns();
    Columns evaluations = new Columns();
    List<JsonObject> events = new ArrayList<>();
    @Nullable String energySource = null;
    Path log = folder.resolve("metrics.jsonl");
    if (Files.exists(log)) {
      try (BufferedReader lines = Files.newBufferedReader(log, StandardCharsets.UTF_8)) {
        for (String text = lines.readLine(); text != null; ) {
          String next = lines.readLine();
          Optional<JsonObject> read = parse(log, text, next == null);
          if (read.isPresent()) {
            JsonObject line = read.get();
            energySource = line.has("energy_source") ? line.string("energy_source") : energySource;
            if (line.has("event")) {
              events.add(line);
            } else {
              (line.has("eval_loss") ? evaluations : steps).add(line);
            }
          }
          text = next;
        }
      }
    }
    Path samples = folder.resolve(BeforeAndAfter.NAME);
    return new RunRecord(
        name(folder),
        config(folder.resolve(RunFolder.CONFIG)),
        steps,
        evaluations,
        events,
        energySource,
        Files.exists(samples) ? JsonObject.read(samples) : null);
  }

  /** The last line of a run that was killed may be half a line. */
  private static Optional<JsonObject> parse(Path log, String text, boolean last)
      throws IOException {
    try {
      return Optional.of(JsonObject.parse(log.toString(), text));
    } catch (FormatException e) {
      if (last) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static String name(Path folder) {
    Path whole = folder.toAbsolutePath().normalize();
    @Nullable Path parent = whole.getParent();
    Path named = parent != null && RunFolder.replacement(parent).equals(whole) ? parent : whole;
    return String.valueOf(named.getFileName());
  }

  private static Map<String, String> config(Path file) throws IOException {
    Map<String, String> config = new LinkedHashMap<>();
    if (Files.exists(file)) {
      try {
        Object document =
            new Load(LoadSettings.builder().build()).loadFromString(TextFile.read(file));
        if (document instanceof Map<?, ?> map) {
          map.forEach((key, value) -> config.put(String.valueOf(key), String.valueOf(value)));
        }
      } catch (YamlEngineException e) {
        throw new FormatException(file + ": not valid YAML: " + e.getMessage(), e);
      }
    }
    return config;
  }
}
