package org.mobilefinetuner.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** All options of a command with the values that it works with: {@code run.yaml}. */
final class RunYaml {
  private static final String BUDGET = "memory_budget";

  /**
   * What may be another when a run goes on: it ends with the same bits. What was made of a budget
   * and what is allowed has keys of its own.
   */
  private static final Set<String> SAME_RESULT =
      Set.of(
          "allow",
          "battery_floor",
          "deadline",
          "dump_batches",
          "energy_budget",
          "grad_checkpoint",
          "max_cpu_temp",
          "max_temp",
          BUDGET,
          "only_charging",
          "output_dir",
          "power_check_steps",
          "power_slowdown",
          "power_threshold",
          "quiet_hours",
          "report_to",
          "save_minutes",
          "save_steps",
          "save_total_limit",
          "simulate_device",
          "stacktrace",
          "sysfs_root",
          "temp_band",
          "threads",
          "wait_for_power",
          "watts_per_core");

  /** What a plan for a budget may change. */
  private static final List<String> MADE_OF_A_BUDGET =
      List.of("batch_size", "grad_accumulation_steps", "base_format", "boundary_format");

  private RunYaml() {}

  /**
   * @param resolved values, by option, that the command has computed in place of a default
   */
  static String of(CommandSpec spec, Map<String, ?> resolved) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (OptionSpec option : spec.options()) {
      String name = option.names()[0].startsWith("--") ? option.names()[0] : option.longestName();
      Object value = resolved.containsKey(name) ? resolved.get(name) : option.getValue();
      boolean aboutTheCommand =
          option.usageHelp()
              || option.versionHelp()
              || name.equals("--config")
              || name.equals(CheckpointOptions.RESUME)
              || name.equals("--overwrite-output-dir");
      if (value != null && !aboutTheCommand) {
        values.put(name.substring(2).replace('-', '_'), plain(value));
      }
    }
    DumpSettings settings = DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
    return new Dump(settings).dumpToString(values);
  }

  /**
   * The keys whose values are not the same in two such texts, with both values; those that do not
   * change what a run makes are left out.
   */
  static List<String> differences(String before, String now) {
    Map<?, ?> old = parsed(before);
    Map<?, ?> wanted = parsed(now);
    Set<String> keys = new TreeSet<>();
    old.keySet().forEach(key -> keys.add(String.valueOf(key)));
    wanted.keySet().forEach(key -> keys.add(String.valueOf(key)));
    keys.removeAll(SAME_RESULT);
    List<String> differences = new ArrayList<>();
    if (!Objects.equals(old.get(BUDGET), wanted.get(BUDGET))
        && MADE_OF_A_BUDGET.stream().anyMatch(k -> !Objects.equals(old.get(k), wanted.get(k)))) {
      differences.add(
          "memory_budget is "
              + shown(old.get(BUDGET))
              + ", not "
              + shown(wanted.get(BUDGET))
              + ", which makes another plan (keep it, or give --allow nothing)");
      keys.removeAll(MADE_OF_A_BUDGET);
    }
    for (String key : keys) {
      if (!Objects.equals(old.get(key), wanted.get(key))) {
        differences.add(key + " is " + shown(old.get(key)) + ", not " + shown(wanted.get(key)));
      }
    }
    return differences;
  }

  private static String shown(@Nullable Object value) {
    return value == null ? "not set" : value.toString();
  }

  /** The keys and values of such a text; none if it is not one. */
  static Map<?, ?> parsed(String yaml) {
    Object document = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    return document instanceof Map<?, ?> map ? map : Map.of();
  }

  private static Object plain(Object value) {
    if (value instanceof Collection<?> list) {
      return list.stream().map(String::valueOf).toList();
    }
    if (value instanceof Float f) {
      return Double.parseDouble(f.toString()); // 2.0E-4, not 1.9999999494757503E-4
    }
    return value instanceof Number || value instanceof Boolean
        ? value
        : value instanceof Enum<?> e
            ? e.toString().toLowerCase(java.util.Locale.ROOT)
            : value.toString();
  }
}
