package org.mobilefinetuner.energy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The files of sysfs, each with one number or word; remembers what each has said. */
final class SysfsFiles {
  private final Path root;
  private final Map<String, Sensor> seen = new LinkedHashMap<>();
  private final Set<String> answered = new HashSet<>();
  private final Set<String> complainedOf = new HashSet<>();
  private final List<String> complaints = new ArrayList<>();

  SysfsFiles(Path root) {
    this.root = root;
  }

  /** The folders in {@code class/NAME} whose names begin with {@code prefix}, by name. */
  List<Path> folders(String name, String prefix) {
    Path parent = root.resolve("class").resolve(name);
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
      for (Path entry : entries) {
        if (String.valueOf(entry.getFileName()).startsWith(prefix)) {
          all.add(entry);
        }
      }
    } catch (IOException | RuntimeException e) {
      seen.put(parent.toString(), new Sensor(name, parent.toString(), null, reason(e)));
      return List.of();
    }
    if (all.isEmpty()) {
      seen.put(parent.toString(), new Sensor(name, parent.toString(), null, "none there"));
    }
    Collections.sort(all);
    return all;
  }

  /** A number in the unit of {@code quantity}; none if there is no such file or no such number. */
  OptionalDouble number(String name, Path file, Quantity quantity) {
    String text = text(name, file);
    if (text == null) {
      return OptionalDouble.empty();
    }
    long raw;
    try {
      raw = Long.parseLong(text);
    } catch (NumberFormatException e) {
      return absurd(name, file, "expected a number, found \"" + text + "\"");
    }
    double value = quantity.of(raw);
    if (!quantity.possible(value)) {
      return absurd(
          name, file, "expected " + quantity.range() + ", found " + quantity.shown(value));
    }
    say(name, file, quantity.shown(value), null);
    return OptionalDouble.of(value);
  }

  private OptionalDouble absurd(String name, Path file, String what) {
    say(name, file, null, what);
    complain(file, what);
    return OptionalDouble.empty();
  }

  /** A word, or null if there is no such file. */
  @Nullable String word(String name, Path file) {
    String text = text(name, file);
    if (text != null) {
      say(name, file, text, null);
    }
    return text;
  }

  private @Nullable String text(String name, Path file) {
    try {
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).trim();
      answered.add(file.toString());
      return text.length() > 100 ? text.substring(0, 100) : text;
    } catch (IOException | RuntimeException e) {
      say(name, file, null, reason(e));
      if (answered.contains(file.toString()) || !(e instanceof NoSuchFileException)) {
        complain(file, reason(e));
      }
      return null;
    }
  }

  private void say(String name, Path file, @Nullable String value, @Nullable String problem) {
    seen.put(file.toString(), new Sensor(name, file.toString(), value, problem));
  }

  private void complain(Path file, String what) {
    if (complainedOf.add(file.toString())) {
      complaints.add(file + ": " + what);
    }
  }

  private static String reason(Exception e) {
    return e instanceof NoSuchFileException
        ? "no such file"
        : e instanceof AccessDeniedException ? "may not be read" : String.valueOf(e.getMessage());
  }

  /** Everything that was looked at. */
  List<Sensor> sensors() {
    return List.copyOf(seen.values());
  }

  /** What is new of what went wrong. */
  List<String> complaints() {
    List<String> news = List.copyOf(complaints);
    complaints.clear();
    return news;
  }
}
