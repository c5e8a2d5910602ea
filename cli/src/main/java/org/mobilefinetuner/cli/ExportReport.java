package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.mobilefinetuner.export.LogitCheck;

/** Says what has been written, and how far its logits are from those that it should give. */
final class ExportReport {
  private ExportReport() {}

  static void print(PrintWriter out, Path output, String what, LogitCheck.Report report)
      throws IOException {
    out.printf(Locale.ROOT, "%s: %s, %,d bytes%n", output, what, bytes(output));
    out.printf(
        Locale.ROOT,
        "Loaded again: logits differ by %.1e of their size (allowed: %.0e)%n",
        report.error(),
        report.bound());
    if (report.effect() > 0) {
      out.printf(Locale.ROOT, "The adapter changes them by %.1e%n", report.effect());
    }
    if (report.blurred()) {
      out.println(
          "Note: rounding changes the logits by more than half of what the adapter does; a more"
              + " exact type keeps more of it");
    }
  }

  private static long bytes(Path output) throws IOException {
    if (!Files.isDirectory(output)) {
      return Files.size(output);
    }
    long sum = 0;
    try (Stream<Path> files = Files.list(output)) {
      for (Path file : files.toList()) {
        sum += Files.size(file);
      }
    }
    return sum;
  }
}
