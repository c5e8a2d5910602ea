package org.mobilefinetuner.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How many questions an evaluation asks, and what it keeps of them. */
final class ChoiceOptions {
  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Ask only the first N questions of each file.")
  private @Nullable Integer limit;

  @Option(
      names = "--samples",
      paramLabel = "FILE",
      description = "Write each question with its scores to a JSONL file.")
  @Nullable Path samples;

  @Option(names = "--json", description = "Print one JSON object, or a list of several models'.")
  boolean json;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  int most() {
    int most = limit == null ? Integer.MAX_VALUE : limit;
    if (most < 1) {
      throw new ParameterException(
          spec.commandLine(), "expected --limit of at least 1, found " + most);
    }
    return most;
  }
}
