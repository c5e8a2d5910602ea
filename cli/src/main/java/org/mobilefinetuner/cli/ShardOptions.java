package org.mobilefinetuner.cli;

import java.util.OptionalLong;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How large the files of a written model may be. */
final class ShardOptions {
  @Option(
      names = "--max-shard-size",
      paramLabel = "SIZE",
      description = "Weights in one safetensors file at most, such as 500MB (default: 5GB).")
  private String size = "5GB";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  /** Bytes; GB are 10⁹, GiB 2³⁰. */
  long bytes() {
    OptionalLong bytes = Bytes.parse(size);
    if (bytes.isPresent()) {
      return bytes.getAsLong();
    }
    throw new ParameterException(
        spec.commandLine(),
        "expected --max-shard-size such as 500MB or 5GB, found \"" + size + "\"");
  }
}
