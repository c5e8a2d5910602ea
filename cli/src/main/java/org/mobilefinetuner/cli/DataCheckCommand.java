package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.data.DataFiles;
import org.mobilefinetuner.data.DataFormat;
import org.mobilefinetuner.data.DataReader;
import org.mobilefinetuner.data.DataSettings;
import org.mobilefinetuner.data.DataStatistics;
import org.mobilefinetuner.data.DataStatistics.Fingerprints;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.text.Tokenizer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mft data check}: whether data is fit for a run. */
@Command(
    name = "check",
    description = {
      "Reads data as training would, and says what there is and what is wrong.",
      "Exit code 1 if a run on it would be ruined."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class DataCheckCommand implements Callable<Integer> {
  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private DataOptions dataOptions = new DataOptions();

  @Option(
      names = "--max-leakage",
      paramLabel = "FRACTION",
      description =
          "How many of the examples to evaluate on may also be trained on " + "(default: 0.01).")
  private double maxLeakage = 0.01;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    if (!(maxLeakage >= 0 && maxLeakage <= 1)) {
      throw usage("expected --max-leakage from 0 to 1, found " + maxLeakage);
    }
    try (ModelFolder folder = ModelFolder.open(modelOptions.model)) {
      DataSettings settings;
      try {
        dataOptions.check();
        settings = dataOptions.settings(folder.model().positions());
      } catch (IllegalArgumentException e) {
        throw usage(String.valueOf(e.getMessage()));
      }
      DataReport report = report(folder, settings);
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(report.json());
      } else {
        report.print(out);
      }
      out.flush();
      return report.problems().isEmpty() ? 0 : CommandLine.ExitCode.SOFTWARE;
    }
  }

  private DataReport report(ModelFolder folder, DataSettings settings) throws IOException {
    DataReader reader = DataReader.of(folder, settings);
    @Nullable Tokenizer tokenizer = folder.tokenizer();
    List<DataReport.File> files = new ArrayList<>();
    for (Map.Entry<String, Path> named : files().entrySet()) {
      DataFormat format = reader.format(named.getValue());
      DataStatistics statistics = statistics(folder, tokenizer, format, settings.maxLength());
      reader.scan(named.getValue(), statistics);
      files.add(new DataReport.File(named.getKey(), named.getValue(), format, statistics.report()));
    }
    return new DataReport(files, settings.maxLength(), leaks(files), maxLeakage);
  }

  private static DataStatistics statistics(
      ModelFolder folder, @Nullable Tokenizer tokenizer, DataFormat format, int maxLength) {
    if (tokenizer == null) {
      return new DataStatistics(maxLength, OptionalInt.empty(), false, Set.of());
    }
    boolean blocks = format == DataFormat.PLAIN; // they begin and end anywhere
    int[] around = tokenizer.encode("", true);
    boolean begins =
        !blocks && around.length > 0 && tokenizer.bosId().equals(OptionalInt.of(around[0]));
    return new DataStatistics(
        maxLength, tokenizer.bosId(), begins, blocks ? Set.of() : EndTokens.of(folder, tokenizer));
  }

  private Map<String, Path> files() {
    DataFiles given = dataOptions.files();
    Map<String, Path> files = new LinkedHashMap<>();
    files.put("train", given.train());
    if (given.valid() != null) {
      files.put("valid", given.valid());
    }
    if (given.test() != null) {
      files.put("test", given.test());
    }
    return files;
  }

  /** How many examples of each other part are also in the first, which is trained on. */
  private List<DataReport.Leak> leaks(List<DataReport.File> files) {
    List<DataReport.Leak> leaks = new ArrayList<>();
    Fingerprints train = files.get(0).report().fingerprints();
    if (dataOptions.split() > 0) {
      int valid = (int) Math.max(1, Math.round(train.count() * dataOptions.split()));
      int from = Math.max(0, train.count() - valid);
      Fingerprints held = train.part(from, train.count());
      leaks.add(new DataReport.Leak("valid", held.in(train.part(0, from)), held.count()));
    }
    for (DataReport.File other : files.subList(1, files.size())) {
      Fingerprints held = other.report().fingerprints();
      leaks.add(new DataReport.Leak(other.name(), held.in(train), held.count()));
    }
    return leaks;
  }

  private CommandLine.ParameterException usage(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }
}
