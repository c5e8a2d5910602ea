package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.data.DataReader;
import org.mobilefinetuner.data.DataSettings;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.text.Tokenizer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mft data preview}: what a model sees of an example, and what it learns of it. */
@Command(
    name = "preview",
    description = {
      "Shows examples as the model sees them: what is predicted in colour, the rest dim.",
      "Where there are no colours, [[...]] is around what is predicted."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class DataPreviewCommand implements Callable<Integer> {
  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private DataOptions dataOptions = new DataOptions();

  @Option(
      names = "--example",
      paramLabel = "N",
      description = "The first example to show, from 1 (default: 1).")
  private int first = 1;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "How many examples to show (default: 1).")
  private int count = 1;

  @Option(names = "--ids", description = "Show a line for each token: its id, label and text.")
  private boolean ids;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    if (first < 1 || count < 1) {
      throw usage("expected --example and --count of at least 1, found " + first + " and " + count);
    }
    try (ModelFolder folder = ModelFolder.open(modelOptions.model)) {
      DataSettings settings;
      try {
        dataOptions.check();
        settings = dataOptions.settings(folder.model().positions());
      } catch (IllegalArgumentException e) {
        throw usage(String.valueOf(e.getMessage()));
      }
      Path file = dataOptions.files().train();
      Preview preview = new Preview(folder.tokenizer(), settings.maxLength());
      DataReader reader = DataReader.of(folder, settings);
      PrintWriter out = spec.commandLine().getOut();
      out.println(file + ": " + reader.format(file));
      reader.scan(file, preview);
      if (preview.seen < first) {
        throw new FormatException(
            file
                + ": expected an example number "
                + first
                + ", found "
                + preview.seen
                + " examples; choose another --example");
      }
    }
    return 0;
  }

  /** Shows those that were asked for, and ends the reading. */
  private final class Preview implements DataReader.Sink {
    private final @Nullable Tokenizer tokenizer;
    private final int maxLength;
    private long seen;

    Preview(@Nullable Tokenizer tokenizer, int maxLength) {
      this.tokenizer = tokenizer;
      this.maxLength = maxLength;
    }

    @Override
    public boolean accept(String place, Sequence whole) {
      seen++;
      if (seen >= first) {
        show(place, whole);
      }
      return seen + 1 < (long) first + count;
    }

    private void show(String place, Sequence whole) {
      PrintWriter out = spec.commandLine().getOut();
      Sequence kept = DataReader.cut(whole, maxLength);
      int lost = whole.ids().length - kept.ids().length;
      out.printf(
          Locale.ROOT,
          "example %,d (%s): %,d tokens, %,d to predict%s%n",
          seen,
          place,
          kept.ids().length,
          kept.supervised(),
          lost > 0 ? String.format(Locale.ROOT, ", %,d cut off", lost) : "");
      LearnedText text = new LearnedText(tokenizer, kept);
      if (ids) {
        text.printTokens(out);
      } else {
        text.print(out, Terminal.stdout());
      }
      out.flush();
    }
  }

  private CommandLine.ParameterException usage(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }
}
