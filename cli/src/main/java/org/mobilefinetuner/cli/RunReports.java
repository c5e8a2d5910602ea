package org.mobilefinetuner.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.cli.report.ReportPage;
import org.mobilefinetuner.metrics.TensorBoardLog;
import org.mobilefinetuner.train.RunFolder;

/** What a run leaves to be looked at, as far as it was asked for. */
final class RunReports implements Closeable {
  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

  private final RunFolder run;
  private final boolean html;
  private final @Nullable TensorBoardLog tensorBoard;

  private RunReports(RunFolder run, boolean html, @Nullable TensorBoardLog tensorBoard) {
    this.run = run;
    this.html = html;
    this.tensorBoard = tensorBoard;
  }

  /** Begins the reports of a run that has made no step yet, or goes on. */
  static RunReports open(ReportOptions options, RunFolder run) throws IOException {
    @Nullable TensorBoardLog tensorBoard = null;
    if (options.tensorBoard()) {
      tensorBoard =
          new TensorBoardLog(
              run.path().resolve("tensorboard"),
              host(),
              System.currentTimeMillis() * 1e-3,
              run.history());
      run.alsoTo(tensorBoard::add);
    }
    return new RunReports(run, options.html(), tensorBoard);
  }

  /** A name for the file; asking the network for it could take seconds. */
  private static String host() {
    try {
      return Files.readString(HOST_NAME, StandardCharsets.US_ASCII).strip();
    } catch (IOException e) {
      return "localhost"; // not Linux
    }
  }

  /** Writes the page. A page that cannot be written is a pity, but no reason to lose a run. */
  void write(PrintWriter err) {
    if (html) {
      try {
        ReportPage.write(run.path().resolve(ReportPage.NAME), List.of(run.path()));
      } catch (IOException e) {
        err.println("No report: " + e.getMessage());
        err.flush();
      }
    }
  }

  /** Says where the page is, in the folder where the run has come to rest. */
  void name(PrintWriter out, Path folder) {
    Path page = folder.resolve(ReportPage.NAME);
    if (html && Files.exists(page)) {
      out.println("Report: " + page);
    }
  }

  @Override
  public void close() throws IOException {
    if (tensorBoard != null) {
      tensorBoard.close();
    }
  }
}
