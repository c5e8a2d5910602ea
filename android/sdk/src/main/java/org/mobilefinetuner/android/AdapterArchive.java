package org.mobilefinetuner.android;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.mobilefinetuner.adapter.PeftFolder;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.io.FormatException;

/** An adapter as one file that can be shared: a zip of the folder that PEFT reads. */
public final class AdapterArchive {
  private AdapterArchive() {}

  /**
   * Writes the adapter of a run.
   *
   * @param run the folder of a finished run with LoRA or DoRA
   * @param zip a file in a folder that is there; replaced
   * @throws FormatException if the folder holds no adapter
   * @throws IOException if a file cannot be read or written; then {@code zip} is what it was
   */
  public static void write(Path run, Path zip) throws IOException {
    List<String> names = new ArrayList<>();
    for (String name : new String[] {PeftFolder.CONFIG, PeftFolder.WEIGHTS, "README.md"}) {
      if (Files.isRegularFile(run.resolve(name))) {
        names.add(name);
      }
    }
    if (!names.contains(PeftFolder.WEIGHTS)) {
      throw new FormatException(
          "expected a folder with "
              + PeftFolder.WEIGHTS
              + ", found none in "
              + run
              + "; give the output folder of a finished run with LoRA or DoRA");
    }
    AtomicFile.write(
        zip,
        out -> {
          ZipOutputStream archive = new ZipOutputStream(out);
          for (String name : names) {
            archive.putNextEntry(new ZipEntry(name));
            Files.copy(run.resolve(name), archive);
            archive.closeEntry();
          }
          archive.finish();
        });
  }
}
