package org.mobilefinetuner.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes the files of a folder elsewhere and moves them into place together: all, or none.
 *
 * <p>A new folder appears at once. If the folder is there already, the files are moved into it one
 * by one and replace those of the same name; the file without which a reader does not accept the
 * folder comes last.
 */
public final class AtomicFolder {
  private AtomicFolder() {}

  /** Writes files into the empty folder that it is given. */
  @FunctionalInterface
  public interface Content {
    void writeTo(Path folder) throws IOException;
  }

  /**
   * @param last the name of the file that completes the folder, such as {@code config.json}
   */
  public static void write(Path folder, String last, Content content) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new IOException(
          "cannot write "
              + folder
              + ": expected a folder or nothing, found a file; choose another");
    }
    boolean there = Files.exists(folder);
    Path temporary =
        there ? folder.resolve(".writing") : folder.resolveSibling(folder.getFileName() + ".tmp");
    try {
      delete(temporary); // of a run that was killed
      Files.createDirectories(temporary);
    } catch (IOException e) {
      throw failed(folder, e);
    }
    try {
      content.writeTo(temporary);
      if (there) {
        moveInto(folder, temporary, last);
      } else {
        Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (FileSystemException e) {
      throw failed(folder, e);
    } finally {
      delete(temporary);
    }
  }

  /**
   * Moves all that is in a folder into another of the same file system, where it replaces what has
   * the same name, and removes the folder. A folder that is moved must not be there yet.
   *
   * @param last the name of the file that is moved last
   */
  public static void move(Path from, Path to, String last) throws IOException {
    moveInto(to, from, last);
    delete(from);
  }

  private static void moveInto(Path folder, Path temporary, String last) throws IOException {
    List<Path> files = new ArrayList<>(list(temporary));
    files.sort(Comparator.comparing(file -> file.endsWith(last)));
    for (Path file : files) {
      Files.move(
          file,
          folder.resolve(file.getFileName()),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().collect(Collectors.toList());
    }
  }

  /** Deletes a folder and what is in it, or a file; does nothing if it is not there. */
  public static void delete(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(folder);
      return;
    }
    for (Path file : list(folder)) {
      delete(file);
    }
    Files.delete(folder);
  }

  private static IOException failed(Path folder, IOException e) {
    String reason =
        e instanceof FileSystemException f && f.getReason() != null
            ? f.getReason()
            : e.getClass().getSimpleName();
    return new IOException(
        "cannot write " + folder + ": " + reason + "; is the disk full or read-only?", e);
  }
}
