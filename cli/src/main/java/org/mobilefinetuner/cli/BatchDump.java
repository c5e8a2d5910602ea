package org.mobilefinetuner.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.model.Batch;
import org.mobilefinetuner.train.TrainingListener;

/**
 * Writes every micro-batch in the order in which it is learned from, a line of JSON each: step,
 * micro_batch, input_ids and labels, so that another program can repeat the run.
 */
final class BatchDump implements TrainingListener, Closeable {
  private final Writer out;

  BatchDump(Path file) throws IOException {
    out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
  }

  @Override
  public void onBatch(int step, int microBatch, List<Batch.Sequence> sequences) {
    JsonObject line =
        JsonObject.empty()
            .put("step", step)
            .put("micro_batch", microBatch)
            .put("examples", sequences.stream().map(Batch.Sequence::id).toList())
            .put("input_ids", sequences.stream().map(Batch.Sequence::ids).toList())
            .put("labels", sequences.stream().map(Batch.Sequence::labels).toList());
    try {
      out.write(line + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the batches: is the disk full?", e);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
