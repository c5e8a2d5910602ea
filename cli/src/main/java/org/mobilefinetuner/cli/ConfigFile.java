package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.TextFile;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * A YAML file of options, {@code --config FILE}: each key is a long option without its dashes.
 *
 * <p>What is on the command line beats the file. An unknown key is an error that names the nearest
 * option; {@code run.yaml} of an earlier run is such a file.
 */
final class ConfigFile {
  private static final Set<String> NAMES = Set.of("-c", "--config");

  private ConfigFile() {}

  /** The arguments with those of the file behind them; {@code args} start with the command's. */
  static List<String> expand(CommandLine command, List<String> args) throws IOException {
    String file = file(args);
    if (file == null) {
      return args;
    }
    CommandSpec spec = command.getCommandSpec();
    List<String> all = new ArrayList<>(args);
    Set<OptionSpec> given = given(spec, args);
    for (Map.Entry<?, ?> entry : read(command, Path.of(file)).entrySet()) {
      String key = String.valueOf(entry.getKey());
      OptionSpec option = spec.findOption("--" + key.replace('_', '-').toLowerCase(Locale.ROOT));
      if (option == null || NAMES.contains(option.longestName())) {
        throw new CommandLine.ParameterException(
            command,
            file + ": unknown key \"" + key + "\"" + Suggestions.nearest(key, names(spec)));
      }
      Object value = entry.getValue();
      if (value != null && !given.contains(option)) {
        add(all, option, value);
      }
    }
    return all;
  }

  private static void add(List<String> args, OptionSpec option, Object value) {
    if (option.arity().max() == 0) {
      if (Boolean.TRUE.equals(value)) {
        args.add(option.longestName());
      }
    } else if (value instanceof List<?> list) {
      List<String> parts = new ArrayList<>();
      list.forEach(part -> parts.add(String.valueOf(part)));
      args.add(option.longestName() + "=" + String.join(",", parts));
    } else {
      args.add(option.longestName() + "=" + value);
    }
  }

  private static Map<?, ?> read(CommandLine command, Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new CommandLine.ParameterException(
          command,
          "expected a YAML file of options for --config, found "
              + (Files.exists(file) ? "a folder" : "nothing")
              + " at "
              + file);
    }
    Object document;
    try {
      String text = TextFile.read(file);
      document =
          new Load(LoadSettings.builder().setLabel(file.toString()).build()).loadFromString(text);
    } catch (YamlEngineException e) {
      throw new CommandLine.ParameterException(
          command, file + ": not valid YAML: " + e.getMessage(), e);
    }
    if (document == null) {
      return Map.of();
    }
    if (document instanceof Map<?, ?> map) {
      return map;
    }
    throw new CommandLine.ParameterException(
        command, file + ": expected lines of \"option: value\", found " + document);
  }

  private static @Nullable String file(List<String> args) {
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      if (NAMES.contains(arg) && i + 1 < args.size()) {
        return args.get(i + 1);
      }
      for (String name : NAMES) {
        if (arg.startsWith(name + "=")) {
          return arg.substring(name.length() + 1);
        }
      }
    }
    return null;
  }

  private static Set<OptionSpec> given(CommandSpec spec, List<String> args) {
    Set<OptionSpec> given = new HashSet<>();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      OptionSpec option = spec.findOption(equals < 0 ? arg : arg.substring(0, equals));
      if (option != null) {
        given.add(option);
      }
    }
    return given;
  }

  private static List<String> names(CommandSpec spec) {
    List<String> names = new ArrayList<>();
    for (OptionSpec option : spec.options()) {
      Arrays.stream(option.names())
          .filter(name -> name.startsWith("--"))
          .forEach(name -> names.add(name.substring(2).replace('-', '_')));
    }
    return names;
  }
}
