package org.mobilefinetuner.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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
   * Writes a folder that appears at once, in place of one of that name if there is one, and stays
   * after a loss of power if its files do. Its parent must be there: it is not made again if
   * somebody has removed it.
   */
  public static void replace(Path folder, Content content) throws IOException {
    Path temporary = folder.resolveSibling(folder.getFileName() + ".tmp");
    try {
      delete(temporary); // of a run that was killed
      Files.createDirectory(temporary);
      try {
        content.writeTo(temporary);
        sync(temporary);
        remove(folder);
        Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
        sync(folder.resolveSibling(""));
      } finally {
        delete(temporary);
      }
    } catch (FileSystemException e) {
      throw failed(folder, e);
    }
  }

  /**
   * Waits until the names in a folder are on the disk. A system that cannot do this does it in its
   * own time.
   */
  private static void sync(Path folder) {
    try (FileChannel open = FileChannel.open(folder, StandardOpenOption.READ)) {
      open.force(true);
    } catch (IOException e) {
      return; // Windows, and file systems of memory cards
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

  /**
   * Deletes a folder that is never seen with only some of its files: it gets the name {@code
   * <folder>.old.tmp} first. Does nothing if it is not there.
   */
  public static void remove(Path folder) throws IOException {
    Path old = folder.resolveSibling(folder.getFileName() + ".old.tmp");
    delete(old);
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(folder, old, StandardCopyOption.ATOMIC_MOVE);
      delete(old);
    }
  }

  private static IOException failed(Path folder, IOException e) {
    String reason =
        e instanceof FileSystemException f && f.getReason() != null
            ? f.getReason()
            : e instanceof NoSuchFileException missing
                ? missing.getFile() + " is not there"
                : e.getClass().getSimpleName();
    return new IOException(
        "cannot write " + folder + ": " + reason + "; is the disk full or read-only?", e);
  }
}
