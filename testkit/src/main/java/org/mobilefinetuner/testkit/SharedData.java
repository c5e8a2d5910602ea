package org.mobilefinetuner.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The folder {@code ../shared/data} beside the checkout, with files too large for it.
 *
 * <p>It is an extra: a test that needs it says so with an assumption and is skipped where it is
 * missing.
 */
public final class SharedData {
  private SharedData() {}

  /** A file or folder below {@code ../shared/data}, or null if it is not there. */
  public static @Nullable Path find(String path) {
    Path root = root(Path.of("").toAbsolutePath());
    Path parent = root == null ? null : root.getParent();
    if (parent == null) {
      return null;
    }
    Path found = parent.resolve("shared/data").resolve(path);
    return Files.exists(found) ? found : null;
  }

  /** The nearest folder at or above {@code from} whose pom.xml lists modules. */
  static @Nullable Path root(Path from) {
    for (Path folder = from; folder != null; folder = folder.getParent()) {
      Path pom = folder.resolve("pom.xml");
      if (Files.isRegularFile(pom) && text(pom).contains("<modules>")) {
        return folder;
      }
    }
    return null;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
