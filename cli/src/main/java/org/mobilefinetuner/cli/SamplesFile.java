package org.mobilefinetuner.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;

/**
 * A JSONL file that grows while an evaluation runs, under a temporary name until it is whole. A
 * file that nobody has asked for takes everything and keeps nothing.
 */
final class SamplesFile implements Closeable {
  private final @Nullable Path file;
  private final @Nullable Path temporary;
  private final @Nullable Writer out;

  private SamplesFile(@Nullable Path file, @Nullable Path temporary, @Nullable Writer out) {
    this.file = file;
    this.temporary = temporary;
    this.out = out;
  }

  static SamplesFile open(@Nullable Path file) throws IOException {
    if (file == null) {
      return new SamplesFile(null, null, null);
    }
    if (Files.isDirectory(file)) {
      throw new FormatException("expected a file to write samples to, found a folder: " + file);
    }
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      return new SamplesFile(
          file, temporary, Files.newBufferedWriter(temporary, StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      throw new FormatException("cannot write " + file + ": its folder does not exist", e);
    }
  }

  void add(JsonObject sample) {
    if (out != null) {
      try {
        out.write(sample + "\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Gives the file its name: all samples are there. */
  void complete() throws IOException {
    if (file != null && temporary != null && out != null) {
      out.close();
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Leaves nothing behind that is not complete. */
  @Override
  public void close() throws IOException {
    if (temporary != null && out != null) {
      out.close();
      Files.deleteIfExists(temporary);
    }
  }
}
