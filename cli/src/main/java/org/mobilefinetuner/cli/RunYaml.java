package org.mobilefinetuner.cli;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** All options of a command with the values that it works with: {@code run.yaml}. */
final class RunYaml {
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
              || name.equals("--overwrite-output-dir");
      if (value != null && !aboutTheCommand) {
        values.put(name.substring(2).replace('-', '_'), plain(value));
      }
    }
    DumpSettings settings = DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
    return new Dump(settings).dumpToString(values);
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
            ? e.name().toLowerCase(java.util.Locale.ROOT)
            : value.toString();
  }
}
