package org.mobilefinetuner.data;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.model.Batch.Sequence;

/** Collects examples in memory, and in a scratch file once they are many. */
final class ExampleCollector implements Closeable {
  private final Path folder;
  private final long mostTokens;
  private List<Sequence> few = new ArrayList<>();
  private long tokens;
  private @Nullable ScratchFile many;

  /**
   * @param folder where a scratch file may be made
   * @param mostTokens how many may lie in memory
   */
  ExampleCollector(Path folder, long mostTokens) {
    this.folder = folder;
    this.mostTokens = mostTokens;
  }

  void add(Sequence example) throws IOException {
    tokens += example.ids().length;
    if (many == null && tokens <= mostTokens) {
      few.add(example);
      return;
    }
    if (many == null) {
      many = ScratchFile.in(folder);
      for (Sequence each : few) {
        many.add(each);
      }
      few = List.of();
    }
    many.add(example);
  }

  /** What was collected. This object is done with; whoever asked closes the examples. */
  Examples finish() throws IOException {
    Examples all = many == null ? Examples.of(few) : many.finish();
    many = null;
    return all;
  }

  /** Gives up what was not finished. */
  @Override
  public void close() throws IOException {
    if (many != null) {
      many.close();
    }
  }
}
