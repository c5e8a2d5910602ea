package org.mobilefinetuner.model;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.io.AtomicFolder;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.SafetensorsFolder;
import org.mobilefinetuner.io.SafetensorsWriter.Item;
import org.mobilefinetuner.io.SafetensorsWriter.Values;
import org.mobilefinetuner.io.Sha256Sums;
import org.mobilefinetuner.kernel.Parallel;
import org.mobilefinetuner.tensor.Matrix;

/**
 * Converted weights of a model, made once and kept: {@code base-int4/model.safetensors} in a folder
 * beside the model or elsewhere, and beside it {@code source.json}, the names, sizes and times of
 * the files that it was made from. It is made again when they change or it is damaged.
 */
public final class FrozenCache {
  private static final String SOURCE = "source.json";
  private static final int VERSION = 2; // of the conversion: others are made again

  /** Why a conversion is made. */
  public enum Reason {
    NEW,
    /** The model's files are not those that the cache was made from. */
    STALE,
    DAMAGED
  }

  /** Is told what takes its time. */
  public interface Listener {
    void converting(Path folder, Reason reason);

    void converted(Path folder, long bytes);
  }

  private final List<Path> parents;
  private final Parallel team;
  private final Listener listener;

  /**
   * @param parents where converted weights may be kept; the first that can be written is used
   */
  public FrozenCache(List<Path> parents, Parallel team, Listener listener) {
    this.parents = List.copyOf(parents);
    this.team = team;
    this.listener = listener;
  }

  /**
   * The weights of a model to be read only, in a format, converted if they are not yet.
   *
   * @param model its weights are not quantised
   * @param weights the same model's, from which to convert; they may let go of what has been read
   * @throws IOException if there is nowhere to keep them, or they cannot be converted
   */
  public LoadedWeights load(ModelFolder model, LoadedWeights weights, FrozenFormat format)
      throws IOException {
    String source = source(model, format).pretty();
    for (Path parent : parents) {
      Path folder = parent.resolve("base-" + format);
      if (reason(folder, source) == null) {
        try {
          return read(model, folder);
        } catch (FormatException | FileNotFoundException | NoSuchFileException e) {
          return convert(model, weights, format, source, parent, Reason.DAMAGED);
        }
      }
    }
    Path parent = writable();
    Reason reason = reason(parent.resolve("base-" + format), source);
    return convert(model, weights, format, source, parent, reason == null ? Reason.NEW : reason);
  }

  /** Why a folder cannot be used, or null if it seems that it can. */
  private static @Nullable Reason reason(Path folder, String source) throws IOException {
    Path file = folder.resolve(SOURCE);
    if (!Files.isRegularFile(file)) {
      return Reason.NEW;
    }
    byte[] expected = source.getBytes(StandardCharsets.UTF_8);
    return Arrays.equals(Files.readAllBytes(file), expected) ? null : Reason.STALE;
  }

  private static LoadedWeights read(ModelFolder model, Path folder) throws IOException {
    Sha256Sums.verify(folder, List.of(SafetensorsFolder.SINGLE));
    try (SafetensorsFolder files = SafetensorsFolder.open(folder)) {
      return LoadedWeights.frozen(model.model(), files);
    }
  }

  private Path writable() throws IOException {
    List<String> failures = new ArrayList<>();
    for (Path parent : parents) {
      try {
        Files.createDirectories(parent);
        if (Files.isWritable(parent)) {
          return parent;
        }
        failures.add(parent + ": is read-only");
      } catch (IOException e) {
        failures.add(parent + ": " + e.getClass().getSimpleName());
      }
    }
    throw new IOException(
        "expected a folder in which converted weights can be kept, found none: " + failures);
  }

  /** One process converts, others wait for it. */
  private LoadedWeights convert(
      ModelFolder model,
      LoadedWeights weights,
      FrozenFormat format,
      String source,
      Path parent,
      Reason reason)
      throws IOException {
    Path folder = parent.resolve("base-" + format);
    try (FileChannel channel =
            FileChannel.open(
                parent.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (!lock.isValid() || reason == Reason.DAMAGED || reason(folder, source) != null) {
        listener.converting(folder, reason);
        AtomicFolder.write(
            folder,
            SOURCE,
            to -> {
              new FrozenWriter(format, team)
                  .write(
                      to.resolve(SafetensorsFolder.SINGLE),
                      model.model(),
                      spec -> values(spec, weights.get(spec.name()).value()));
              AtomicFile.write(to.resolve(SOURCE), source);
              Sha256Sums.write(to);
            });
        listener.converted(folder, Files.size(folder.resolve(SafetensorsFolder.SINGLE)));
      }
      return read(model, folder);
    }
  }

  /** The numbers of a matrix, of which it may let go once they are read. */
  private static Values values(WeightSpec spec, Matrix matrix) {
    Values values = Item.of(matrix, spec.shape(), matrix.format()).values();
    return (at, to, count) -> {
      values.fill(at, to, count);
      matrix.release((int) (at / matrix.cols()), count / matrix.cols());
    };
  }

  private static JsonObject source(ModelFolder model, FrozenFormat format) throws IOException {
    Map<String, Path> files = new TreeMap<>();
    model.source().files().forEach(file -> files.put(file.getFileName().toString(), file));
    List<JsonObject> all = new ArrayList<>();
    for (Map.Entry<String, Path> file : files.entrySet()) {
      all.add(
          JsonObject.empty()
              .put("name", file.getKey())
              .put("bytes", Files.size(file.getValue()))
              .put("modified", Files.getLastModifiedTime(file.getValue()).toMillis()));
    }
    return JsonObject.empty()
        .put("version", VERSION)
        .put("base_format", format.toString())
        .put("files", all);
  }
}
