package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The demand that {@code --output} overwrites nothing. */
final class NewOutput {
  private NewOutput() {}

  /** Demands a folder that is new or empty. */
  static void requireFolder(CommandSpec spec, Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        if (files.findAny().isEmpty()) {
          return;
        }
      }
    }
    throw new ParameterException(
        spec.commandLine(),
        "expected --output to be a new or empty folder, found "
            + (Files.isDirectory(folder) ? "files in " : "a file at ")
            + folder
            + "; choose another or remove it");
  }

  /** Demands a file that is not there yet. */
  static void requireFile(CommandSpec spec, Path file) {
    if (Files.exists(file)) {
      throw new ParameterException(
          spec.commandLine(),
          "expected a new file as output, found one at " + file + "; choose another or remove it");
    }
  }
}
