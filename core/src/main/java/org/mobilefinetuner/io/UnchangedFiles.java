package org.mobilefinetuner.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * Files that are mapped and must stay as they are. What is put in their place under the same name
 * does not matter: a mapping stays with the old file.
 */
public final class UnchangedFiles {
  private record Known(Path path, BasicFileAttributes attributes) {}

  private final List<Known> all = new ArrayList<>();

  public UnchangedFiles(Collection<Path> files) throws IOException {
    for (Path file : files) {
      all.add(new Known(file, attributes(file)));
    }
  }

  /**
   * Looks at size and time of each file, which costs no more than a few microseconds.
   *
   * @throws FormatException if one was written to
   */
  public void require() throws IOException {
    for (Known known : all) {
      if (!Files.exists(known.path)) {
        continue; // deleted, but still there for who has it open
      }
      BasicFileAttributes before = known.attributes;
      BasicFileAttributes now = attributes(known.path);
      boolean same = Objects.equals(before.fileKey(), now.fileKey());
      if (same
          && (before.size() != now.size()
              || !before.lastModifiedTime().equals(now.lastModifiedTime()))) {
        throw new FormatException(
            known.path
                + ": expected the file as it was, "
                + describe(before)
                + ", found it written to, "
                + describe(now)
                + "; restore it, and begin anew if its content is another");
      }
    }
  }

  private static String describe(BasicFileAttributes file) {
    return file.size() + " bytes of " + file.lastModifiedTime();
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class);
  }
}
