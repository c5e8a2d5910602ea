package org.mobilefinetuner.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.mobilefinetuner.io.AtomicFolder;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.JsonRecords;
import org.mobilefinetuner.kernel.Draws;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code mft data split}: one file of records becomes a folder to train, evaluate and test on. */
@Command(
    name = "split",
    description = {
      "Deals the records of a file out to train.jsonl, valid.jsonl and test.jsonl.",
      "Where a record goes depends on what it says and the seed: equal records stay together."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class DataSplitCommand implements Callable<Integer> {
  @Option(
      names = {"--data", "--dataset"},
      required = true,
      paramLabel = "FILE",
      description = "JSONL, or a JSON array.")
  private Path data = Path.of("");

  @Option(
      names = {"--output", "-o"},
      required = true,
      paramLabel = "DIR",
      description = "A new folder.")
  private Path output = Path.of("");

  @Option(
      names = "--valid",
      paramLabel = "FRACTION",
      description = "About this part goes to valid.jsonl (default: 0.1).")
  private double valid = 0.1;

  @Option(
      names = "--test",
      paramLabel = "FRACTION",
      description = "About this part goes to test.jsonl (default: 0, no such file).")
  private double test;

  @Option(names = "--seed", description = "Of the choice (default: 42).")
  private long seed = 42;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    if (!(valid >= 0 && test >= 0 && valid + test > 0 && valid + test < 1)) {
      throw new ParameterException(
          spec.commandLine(),
          "expected --valid and --test to be together above 0 and below 1, found "
              + valid
              + " and "
              + test);
    }
    if (!Files.isRegularFile(data)) {
      throw new NoSuchFileException(data.toString());
    }
    NewOutput.requireFolder(spec, output);
    Map<String, Integer> counts = new LinkedHashMap<>();
    AtomicFolder.write(
        output,
        "train.jsonl",
        folder -> {
          try (Parts parts = new Parts(folder)) {
            JsonRecords.read(data, parts);
            counts.putAll(parts.counts);
          }
          requireAll(counts);
        });
    counts.forEach(
        (name, count) ->
            spec.commandLine()
                .getOut()
                .printf(Locale.ROOT, "%s: %,d records%n", output.resolve(name), count));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private void requireAll(Map<String, Integer> counts) throws FormatException {
    if (counts.containsValue(0)) {
      throw new FormatException(
          data
              + ": expected a record for each part, found "
              + counts
              + "; use more data, larger parts, or another --seed");
    }
  }

  /** The files that the records go to. */
  private final class Parts implements JsonRecords.Sink, Closeable {
    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private final Map<String, Writer> files = new LinkedHashMap<>();

    Parts(Path folder) throws IOException {
      open(folder, "train.jsonl", 1 - valid - test);
      open(folder, "valid.jsonl", valid);
      open(folder, "test.jsonl", test);
    }

    private void open(Path folder, String name, double share) throws IOException {
      if (share > 0) {
        counts.put(name, 0);
        files.put(name, Files.newBufferedWriter(folder.resolve(name), StandardCharsets.UTF_8));
      }
    }

    @Override
    public boolean accept(JsonObject object) throws IOException {
      String line = object.toString();
      long key = Draws.key(seed, line.length());
      for (int i = 0; i < line.length(); i++) {
        key = Draws.key(key, line.charAt(i));
      }
      float draw = Draws.uniform(key);
      String name =
          draw < valid ? "valid.jsonl" : draw < valid + test ? "test.jsonl" : "train.jsonl";
      Writer file = files.get(name);
      if (file != null) {
        file.write(line + "\n");
        counts.merge(name, 1, Integer::sum);
      }
      return true;
    }

    @Override
    public void close() throws IOException {
      for (Writer file : files.values()) {
        file.close();
      }
    }
  }
}
