package org.mobilefinetuner.metrics;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mobilefinetuner.io.AtomicFolder;
import org.mobilefinetuner.io.JsonObject;

/**
 * The lines of a run's log for TensorBoard, under the tags that Hugging Face's trainer gives them:
 * {@code eval_loss} is {@code eval/loss}, {@code loss} is {@code train/loss}.
 */
public final class TensorBoardLog implements Closeable {
  private static final String EVALUATION = "eval_";
  private static final Set<String> NO_SCALARS =
      new TreeSet<>(Arrays.asList("step", "time_unix_ms"));

  private final Path folder;
  private final EventFile file;

  /**
   * Begins a file {@code events.out.tfevents.<time>.<host>} in an empty folder: what an earlier
   * attempt has written there is written again, as far as the run goes on from it.
   *
   * @param history the lines of the log so far
   * @param seconds the time, since 1970
   */
  public TensorBoardLog(Path folder, String host, double seconds, List<JsonObject> history)
      throws IOException {
    AtomicFolder.delete(folder);
    Files.createDirectories(folder);
    this.folder = folder;
    this.file =
        new EventFile(
            folder.resolve("events.out.tfevents." + (long) seconds + "." + host), seconds);
    history.forEach(this::add);
  }

  /** Adds a line of the log; those that are no step and no evaluation have nothing to show. */
  public void add(JsonObject line) {
    if (line.has("event")) {
      return;
    }
    Map<String, Float> scalars = new LinkedHashMap<>();
    for (String key : line.keys()) {
      if (line.get(key) instanceof Number number && !NO_SCALARS.contains(key)) {
        scalars.put(tag(key), number.floatValue());
      }
    }
    try {
      file.add(number(line, "time_unix_ms") * 1e-3, number(line, "step"), scalars);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to " + folder + ": is the disk full?", e);
    }
  }

  private static long number(JsonObject line, String key) {
    return line.get(key) instanceof Number number ? number.longValue() : 0;
  }

  private static String tag(String key) {
    return key.startsWith(EVALUATION)
        ? "eval/" + key.substring(EVALUATION.length())
        : "train/" + key;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
