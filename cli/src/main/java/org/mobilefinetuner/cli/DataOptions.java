package org.mobilefinetuner.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.data.DataFiles;
import org.mobilefinetuner.data.DataFormat;
import org.mobilefinetuner.data.DataSettings;
import org.mobilefinetuner.text.AssistantTurns.Boundary;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which data a command is for, and how it is read. */
final class DataOptions {
  private static final int USUAL_LENGTH = 512;

  @Option(
      names = {"--data", "--dataset", "--train-file"},
      required = true,
      paramLabel = "FILE|DIR",
      description =
          "A text file, JSONL, or a JSON array; or a folder with train, valid and "
              + "test as .jsonl, .json or .txt.")
  Path data = Path.of("");

  @Option(
      names = {"--valid-data", "--validation-file"},
      paramLabel = "FILE",
      description = "Examples to evaluate on.")
  @Nullable Path validData;

  @Option(
      names = "--val-split",
      paramLabel = "FRACTION",
      description = "Evaluate on this last part of the data, such as 0.05.")
  @Nullable Double valSplit;

  @Option(
      names = "--data-format",
      paramLabel = "FORMAT",
      converter = FormatConverter.class,
      description =
          "chat, prompt-completion, text, alpaca, sharegpt, input-ids, or plain for a "
              + "file that is one text (default: seen in the first record).")
  @Nullable DataFormat format;

  @Option(
      names = {"--max-seq-length", "--max-length", "--cutoff-len", "--ctx"},
      paramLabel = "N",
      description = "Longer sequences are cut (default: 512, or what the model can).")
  @Nullable Integer maxSeqLength;

  @Option(
      names = {"--mask-prompt", "--assistant-only-loss", "--completion-only-loss"},
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Predict only what the assistant says, or the completion (default: true).")
  @Nullable Boolean maskPrompt;

  @Option(
      names = "--train-on-prompt",
      description = "Predict all of a conversation, and prompts: the inverse of --mask-prompt.")
  boolean trainOnPrompt;

  @Option(
      names = "--mask-boundary",
      paramLabel = "content|trl",
      description =
          "What the assistant says ends with its end token (content), or with the "
              + "white space behind it, as in TRL (default: content).")
  Boundary maskBoundary = Boundary.CONTENT;

  /** Reads a format as it is written with hyphens or underscores. */
  static final class FormatConverter implements ITypeConverter<DataFormat> {
    @Override
    public DataFormat convert(String value) {
      String name = value.toUpperCase(Locale.ROOT).replace('-', '_').replace('/', '_');
      for (DataFormat format : DataFormat.values()) {
        if (format.name().equals(name)) {
          return format;
        }
      }
      throw new TypeConversionException(
          "expected one of " + Arrays.toString(DataFormat.values()) + ", found \"" + value + "\"");
    }
  }

  /**
   * @throws IllegalArgumentException if an option is wrong, whatever the model is
   */
  void check() {
    if (maxSeqLength != null && maxSeqLength < 2) {
      throw new IllegalArgumentException(
          "expected --max-seq-length of at least 2, a token and the one to predict, found "
              + maxSeqLength);
    }
    if (trainOnPrompt && Boolean.TRUE.equals(maskPrompt)) {
      throw new IllegalArgumentException(
          "expected --mask-prompt or its inverse --train-on-prompt, found both; leave one out");
    }
    if (valSplit != null && !(valSplit >= 0 && valSplit < 1)) {
      throw new IllegalArgumentException("expected --val-split between 0 and 1, found " + valSplit);
    }
    if (valSplit != null && valSplit > 0 && files().valid() != null) {
      throw new IllegalArgumentException(
          "expected --val-split or a file to evaluate on, found both, "
              + files().valid()
              + "; leave --val-split out");
    }
    DataFiles files = files();
    for (Path file : Arrays.asList(files.train(), files.valid())) {
      if (file != null && !Files.isRegularFile(file)) {
        throw new IllegalArgumentException(
            "expected a data file, found none at " + file + "; see --data");
      }
    }
  }

  /** The files that were given, those in a folder among them. */
  DataFiles files() {
    DataFiles found = DataFiles.at(data);
    return validData == null ? found : new DataFiles(found.train(), validData, found.test());
  }

  /** The part of the training file to evaluate on; 0 for none. */
  double split() {
    return valSplit == null ? 0 : valSplit;
  }

  /**
   * How data is read for a model.
   *
   * @param positions how many tokens the model can read
   * @throws IllegalArgumentException if that is less than the length that was asked for
   */
  DataSettings settings(int positions) {
    if (maxSeqLength != null && maxSeqLength > positions) {
      throw new IllegalArgumentException(
          "expected --max-seq-length of at most the model's "
              + positions
              + " positions, found "
              + maxSeqLength);
    }
    boolean masked = !trainOnPrompt && !Boolean.FALSE.equals(maskPrompt);
    return new DataSettings(
        format,
        maxSeqLength != null ? maxSeqLength : Math.min(USUAL_LENGTH, positions),
        masked,
        maskBoundary,
        scratch(),
        DataSettings.TOKENS_IN_MEMORY);
  }

  /** Java looks at no environment for its folder of temporary files; other programs do. */
  static Path scratch() {
    @Nullable String folder = System.getenv("TMPDIR");
    return folder == null || folder.isEmpty() ? DataSettings.temporaryFolder() : Path.of(folder);
  }
}
