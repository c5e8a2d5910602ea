package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.cli.report.ReportPage;
import org.mobilefinetuner.train.RunFolder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mft report}: a page that shows a run, or compares several. */
@Command(
    name = "report",
    description = {
      "Makes a page that shows a run, also one that is still going on, or compares several.",
      "It is one file that needs no network."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", arity = "1..*", description = "Output folders of mft train.")
  private List<Path> runs = List.of();

  @Option(
      names = {"--output", "-o"},
      paramLabel = "FILE",
      description = "The page (default: report.html in the first folder).")
  private @Nullable Path output;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    for (Path run : runs) {
      if (!RunFolder.holdsRun(run)) {
        throw new CommandLine.ParameterException(
            spec.commandLine(),
            "expected the output folder of a run, found "
                + (Files.isDirectory(run) ? "no metrics.jsonl in " : "no folder ")
                + run
                + "; give the --output-dir of mft train");
      }
    }
    Path page = output != null ? output : runs.get(0).resolve(ReportPage.NAME);
    if (Files.isDirectory(page)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "expected a file for --output, found the folder " + page);
    }
    ReportPage.write(page, runs);
    spec.commandLine().getOut().println("Report: " + page);
    return 0;
  }
}
