package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilefinetuner.energy.DeviceModel;
import org.mobilefinetuner.io.TextFile;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What {@code --simulate-device} asks for.
 *
 * @param speed how many seconds of the device pass in one of this machine
 */
record Simulation(DeviceModel model, double speed) {
  private static final String OPTION = "--simulate-device";
  private static final List<String> KEYS =
      List.of(
          "battery",
          "capacity",
          "idle",
          "work",
          "ambient",
          "heat",
          "warm-up",
          "cpu-heat",
          "charge",
          "plug-after",
          "start",
          "speed");

  Simulation {
    if (!(speed > 0 && speed <= 1e6)) {
      throw new IllegalArgumentException(
          "expected a speed above 0 for " + OPTION + ", found " + speed);
    }
  }

  /**
   * @param text {@code key=value} with commas between, or the path of a YAML file with such keys
   * @throws IllegalArgumentException if a key or a value is none
   */
  static Simulation parse(String text) {
    Map<String, String> given = given(text);
    given
        .keySet()
        .forEach(
            key -> {
              if (!KEYS.contains(key)) {
                throw new IllegalArgumentException(
                    "unknown key \"" + key + "\" in " + OPTION + Suggestions.nearest(key, KEYS));
              }
            });
    DeviceModel phone = DeviceModel.PHONE;
    DeviceModel model =
        new DeviceModel(
            number(given, "battery", phone.percent()),
            number(given, "capacity", phone.wattHours()),
            number(given, "idle", phone.idleWatts()),
            number(given, "work", phone.workWatts()),
            number(given, "ambient", phone.ambientCelsius()),
            number(given, "heat", phone.celsiusPerWatt()),
            number(given, "warm-up", phone.secondsToWarm()),
            number(given, "cpu-heat", phone.processorCelsiusPerWatt()),
            number(given, "charge", phone.chargeWatts()),
            given.containsKey("plug-after")
                ? Units.seconds(OPTION + " plug-after", given.getOrDefault("plug-after", ""))
                : phone.pluggedAfterSeconds(),
            start(given, phone.start()));
    return new Simulation(model, number(given, "speed", 1));
  }

  private static Map<String, String> given(String text) {
    Map<String, String> given = new LinkedHashMap<>();
    if (!text.isBlank() && !text.contains("=") && Files.exists(Path.of(text))) {
      yaml(Path.of(text)).forEach((key, value) -> given.put(key(key), String.valueOf(value)));
      return given;
    }
    for (String pair : text.isBlank() ? new String[0] : text.split(",", -1)) {
      String[] parts = pair.split("=", 2);
      if (parts.length < 2) {
        throw new IllegalArgumentException(
            "expected key=value or a file for " + OPTION + ", found " + pair);
      }
      given.put(key(parts[0]), parts[1].strip());
    }
    return given;
  }

  private static Map<?, ?> yaml(Path file) {
    try {
      Object document =
          new Load(LoadSettings.builder().build()).loadFromString(TextFile.read(file));
      return document instanceof Map<?, ?> map ? map : Map.of();
    } catch (IOException | YamlEngineException e) {
      throw new IllegalArgumentException(
          "expected YAML for " + OPTION + " in " + file + ", found: " + e.getMessage(), e);
    }
  }

  private static String key(Object key) {
    return String.valueOf(key).strip().replace('_', '-');
  }

  private static double number(Map<String, String> given, String key, double otherwise) {
    String text = given.get(key);
    if (text == null) {
      return otherwise;
    }
    try {
      return Double.parseDouble(text.replaceFirst("(?<=[0-9.])\\s*(%|Wh|W|°C|C|s)$", ""));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "expected a number for " + key + " of " + OPTION + ", found " + text, e);
    }
  }

  private static LocalDateTime start(Map<String, String> given, LocalDateTime otherwise) {
    String text = given.get("start");
    return text == null
        ? otherwise
        : otherwise.with(Units.moment(OPTION + " start", text, otherwise).toLocalTime());
  }
}
