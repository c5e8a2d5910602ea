package org.mobilefinetuner.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of a data set.
 *
 * @param train to learn from; it may be missing
 * @param valid to evaluate on while training; null for none
 * @param test kept until the end; null for none
 */
public record DataFiles(Path train, @Nullable Path valid, @Nullable Path test) {
  private static final List<String> ENDINGS = List.of(".jsonl", ".json", ".txt");

  /**
   * The data at {@code path}: a file to learn from, or a folder with {@code train}, and perhaps
   * {@code valid} and {@code test}, as {@code .jsonl}, {@code .json} or {@code .txt}.
   */
  public static DataFiles at(Path path) {
    if (!Files.isDirectory(path)) {
      return new DataFiles(path, null, null);
    }
    Path train = find(path, "train");
    return new DataFiles(
        train == null ? path.resolve("train.jsonl") : train,
        find(path, "valid"),
        find(path, "test"));
  }

  private static @Nullable Path find(Path folder, String name) {
    for (String ending : ENDINGS) {
      Path file = folder.resolve(name + ending);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    return null;
  }
}
