package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.TextFile;
import org.mobilefinetuner.train.RunFolder;

/**
 * What plans chose for an earlier attempt at a run and a plan for the next one has to keep,
 * whatever its budget is: a run ends with the same bits.
 *
 * @param batchSize sequences of a micro-batch
 * @param accumulation micro-batches of a step
 * @param base the word for the format of the base
 * @param boundaries the word for the format of segments' inputs
 */
record EarlierChoices(int batchSize, int accumulation, String base, String boundaries) {
  /** Those of the attempt that would go on, or null if there is none. */
  static @Nullable EarlierChoices of(TrainOptions options, CheckpointOptions checkpoints)
      throws IOException {
    @Nullable Path given = checkpoints.resumePath();
    Path run = given == null ? options.outputDir : given;
    boolean goesOn = given != null || !options.overwrite && !RunFolder.holdsFinishedRun(run);
    Path file = run.resolve(RunFolder.CONFIG);
    if (!goesOn || !Files.isRegularFile(file)) {
      return null;
    }
    Map<?, ?> values = RunYaml.parsed(TextFile.read(file));
    return values.get("batch_size") instanceof Integer batch
            && values.get("grad_accumulation_steps") instanceof Integer accumulation
            && values.get("base_format") instanceof String base
            && values.get("boundary_format") instanceof String boundaries
        ? new EarlierChoices(batch, accumulation, base, boundaries)
        : null;
  }

  /** Whether a step has the same sequences, in the same or in smaller micro-batches. */
  boolean splits(int batch, int accumulating) {
    return batchSize > 0
        && batch % batchSize == 0
        && (long) batch * accumulating == (long) batchSize * accumulation;
  }
}
