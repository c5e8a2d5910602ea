package org.mobilefinetuner.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.JsonRecords;
import org.mobilefinetuner.io.TextFile;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.text.ChatTemplate;
import org.mobilefinetuner.text.Tokenizer;

/**
 * Reads a data file into token sequences, record by record.
 *
 * <p>A {@code .json} or {@code .jsonl} file holds records of one {@link DataFormat}, a line each or
 * in one array. Any other file is one text, tokenised whole and cut into blocks of the maximal
 * length.
 */
public final class DataReader {
  /** Templates that write today's date would give other tokens each day: Llama's own default. */
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2024-07-26T00:00:00Z"), ZoneOffset.UTC);

  private static final int PIECE = 1 << 20; // characters of a long text that are read at once

  private final ExampleEncoder encoder;
  private final DataSettings settings;

  /** Takes one example, whole. */
  @FunctionalInterface
  public interface Sink {
    /**
     * @param place the file and line that it comes from
     * @return whether to go on
     */
    boolean accept(String place, Sequence example) throws IOException;
  }

  /**
   * A reader for a model without a chat template, with the usual settings.
   *
   * @param tokenizer needed for all but {@code input_ids}
   * @param vocabulary the size of the model's embedding
   * @param maxLength sequences are cut to this many tokens
   */
  public DataReader(@Nullable Tokenizer tokenizer, int vocabulary, int maxLength) {
    this(tokenizer, vocabulary, () -> null, DataSettings.of(maxLength));
  }

  /**
   * @param template of the model; null if it has none
   */
  public DataReader(
      Tokenizer tokenizer, int vocabulary, @Nullable ChatTemplate template, DataSettings settings) {
    this(tokenizer, vocabulary, () -> template, settings);
  }

  private DataReader(
      @Nullable Tokenizer tokenizer,
      int vocabulary,
      ExampleEncoder.Templates templates,
      DataSettings settings) {
    this.encoder =
        new ExampleEncoder(
            tokenizer, vocabulary, templates, settings.maskPrompt(), settings.boundary());
    this.settings = settings;
  }

  /** A reader for a model with its tokenizer and template, which is read when it is needed. */
  public static DataReader of(ModelFolder folder, DataSettings settings) throws IOException {
    return new DataReader(
        folder.tokenizer(),
        folder.model().vocabulary(),
        () -> ChatTemplate.load(folder.path(), CLOCK),
        settings);
  }

  /**
   * Reads a file. Whoever asked closes the set.
   *
   * @throws FormatException with file and line if a record is not what the first one promised, or
   *     if nothing in the file can be learned from
   */
  public DataSet read(Path file) throws IOException {
    Filter filter = new Filter(settings.maxLength());
    try (ExampleCollector examples =
        new ExampleCollector(settings.scratch(), settings.tokensInMemory())) {
      DataFormat format =
          scan(
              file,
              (place, whole) -> {
                Sequence kept = filter.apply(whole);
                if (kept != null) {
                  examples.add(kept);
                }
                return true;
              });
      DataSet set = filter.set(examples.finish(), format);
      if (set.examples().count() == 0) {
        throw new FormatException(
            file
                + ": expected at least one example with a token to predict, found none"
                + filter.reason());
      }
      return set;
    }
  }

  /** The format of a file's first example; {@link DataFormat#PLAIN} for an empty file. */
  public DataFormat format(Path file) throws IOException {
    return scan(file, (place, example) -> false);
  }

  /**
   * Gives all examples of a file to {@code sink}, whole, also those with nothing to predict.
   *
   * @return the format that was found; {@link DataFormat#PLAIN} for an empty file
   */
  public DataFormat scan(Path file, Sink sink) throws IOException {
    String name = file.getFileName().toString();
    DataFormat asked = settings.format();
    boolean plain =
        asked == null
            ? !(name.endsWith(".jsonl") || name.endsWith(".json"))
            : asked == DataFormat.PLAIN;
    if (plain) {
      text(file, sink);
      return DataFormat.PLAIN;
    }
    Records records = new Records(sink);
    JsonRecords.read(file, records);
    return records.format == null ? DataFormat.PLAIN : records.format;
  }

  private void text(Path file, Sink sink) throws IOException {
    PlainText.Blocks blocks =
        new PlainText.Blocks(
            settings.maxLength(),
            new PlainText.Sink() {
              private long number;

              @Override
              public boolean accept(int... ids) throws IOException {
                String place = file + ", block " + (number + 1);
                return sink.accept(place, new Sequence(number++, ids, ids.clone()));
              }
            });
    try (BufferedReader text = TextFile.open(file)) {
      new PlainText(each -> encoder.encode(file + "", each), PIECE).read(text, blocks);
    }
    blocks.end();
  }

  /** The records of a file; the first says what they all are. */
  private final class Records implements JsonRecords.Sink {
    private final Sink sink;
    private @Nullable DataFormat format;
    private long number;

    Records(Sink sink) {
      this.sink = sink;
    }

    @Override
    public boolean accept(JsonObject object) throws IOException {
      DataFormat found = settings.format() != null ? settings.format() : DataFormat.of(object);
      if (format != null && found != format) {
        throw new FormatException(
            object.source()
                + ": expected a "
                + format
                + " record as the first, found "
                + found
                + "; a file holds one kind, which --data-format can name");
      }
      format = found;
      return sink.accept(object.source(), encoder.encode(number++, found, object));
    }
  }

  /** Cuts what is too long, leaves out what teaches nothing, and counts both. */
  private static final class Filter {
    private final int maxLength;
    private int truncated;
    private int dropped;
    private int emptied;

    Filter(int maxLength) {
      this.maxLength = maxLength;
    }

    @Nullable Sequence apply(Sequence whole) {
      if (whole.supervised() == 0) {
        dropped++;
        return null;
      }
      Sequence cut = cut(whole, maxLength);
      truncated += whole.ids().length > maxLength ? 1 : 0;
      if (cut.supervised() == 0) {
        emptied++;
        return null;
      }
      return cut;
    }

    DataSet set(Examples examples, DataFormat format) {
      return new DataSet(examples, format, truncated, dropped, emptied);
    }

    String reason() {
      if (dropped + emptied == 0) {
        return "; is the file empty?";
      }
      return " ("
          + dropped
          + " have no supervised token, "
          + emptied
          + " only beyond "
          + maxLength
          + " tokens); "
          + (emptied > 0 ? "raise --max-seq-length" : "see mft data preview");
    }
  }

  /** The first {@code maxLength} tokens of an example: itself, if it has no more. */
  public static Sequence cut(Sequence whole, int maxLength) {
    return whole.ids().length <= maxLength
        ? whole
        : new Sequence(
            whole.id(),
            Arrays.copyOf(whole.ids(), maxLength),
            Arrays.copyOf(whole.labels(), maxLength));
  }
}
