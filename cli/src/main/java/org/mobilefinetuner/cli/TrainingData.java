package org.mobilefinetuner.cli;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mobilefinetuner.data.Batching;
import org.mobilefinetuner.data.DataFiles;
import org.mobilefinetuner.data.DataReader;
import org.mobilefinetuner.data.DataSet;
import org.mobilefinetuner.data.DataSettings;
import org.mobilefinetuner.data.Examples;
import org.mobilefinetuner.model.ModelFolder;

/**
 * The examples of a run.
 *
 * @param train to learn from
 * @param validation to evaluate on; none if it is empty
 * @param maxLength what long examples were cut to
 */
record TrainingData(DataSet train, Examples validation, int maxLength, List<DataSet> files)
    implements Closeable {

  /**
   * Reads what the options name.
   *
   * @throws IllegalArgumentException if an option does not suit the model or the data
   */
  static TrainingData read(DataOptions options, ModelFolder folder) throws IOException {
    DataSettings settings = options.settings(folder.model().positions());
    DataReader reader = DataReader.of(folder, settings);
    DataFiles names = options.files();
    List<DataSet> files = new ArrayList<>();
    try {
      DataSet train = reader.read(names.train());
      files.add(train);
      Examples validation = Examples.of(List.of());
      if (names.valid() != null) {
        files.add(reader.read(names.valid()));
        validation = files.get(1).examples();
      } else if (options.split() > 0) {
        List<DataSet> parts = train.split(options.split());
        train = parts.get(0);
        validation = parts.get(1).examples();
      }
      return new TrainingData(train, validation, settings.maxLength(), files);
    } catch (IOException | RuntimeException e) {
      close(files);
      throw e;
    }
  }

  /** The micro-batches that the options ask for. */
  Batching batching(TrainOptions options) {
    Examples examples = train.examples();
    if (options.packing) {
      return Batching.packed(examples, maxLength, options.batchSize);
    }
    return options.groupByLength
        ? Batching.byLength(examples, options.batchSize)
        : Batching.shuffled(examples, options.batchSize);
  }

  /** What there is, in words: format, number, and what was lost. */
  String summary() {
    return String.format(
            Locale.ROOT,
            "%s: %,d examples, %,d tokens to predict",
            train.format(),
            train.examples().count(),
            train.supervised())
        + part(train.truncated(), "cut to " + maxLength + " tokens")
        + part(train.dropped(), "dropped: nothing to predict")
        + part(train.emptied(), "dropped: nothing to predict in the first " + maxLength);
  }

  private static String part(int count, String what) {
    return count == 0 ? "" : String.format(Locale.ROOT, ", %,d %s", count, what);
  }

  @Override
  public void close() throws IOException {
    close(files);
  }

  private static void close(List<DataSet> files) throws IOException {
    for (DataSet file : files) {
      file.close();
    }
  }
}
