package org.mobilefinetuner.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How large the files of a written model may be. */
final class ShardOptions {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([KMGT]?)(I?)B?");

  @Option(
      names = "--max-shard-size",
      paramLabel = "SIZE",
      description = "Weights in one safetensors file at most, such as 500MB (default: 5GB).")
  private String size = "5GB";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  /** Bytes; GB are 10⁹, GiB 2³⁰. */
  long bytes() {
    Matcher parts = SIZE.matcher(size.strip().toUpperCase(Locale.ROOT));
    if (parts.matches()) {
      long unit = parts.group(3).isEmpty() ? 1000 : 1024;
      long bytes = Long.parseLong(parts.group(1));
      for (int i = "KMGT".indexOf(parts.group(2)); i >= 0 && !parts.group(2).isEmpty(); i--) {
        bytes = Math.multiplyExact(bytes, unit);
      }
      if (bytes > 0) {
        return bytes;
      }
    }
    throw new ParameterException(
        spec.commandLine(),
        "expected --max-shard-size such as 500MB or 5GB, found \"" + size + "\"");
  }
}
