package org.mobilefinetuner.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mobilefinetuner.adapter.PeftFolder;
import org.mobilefinetuner.android.FineTuningSettings;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.TextFile;
import org.mobilefinetuner.train.RunFolder;

/**
 * A run of which the files are there.
 *
 * @param finished whether it has come to its end
 */
record PastRun(Path folder, FineTuningSettings settings, Curve curve, boolean finished) {
  private static final String LOG = "metrics.jsonl";

  static PastRun read(Path folder) throws IOException {
    FineTuningSettings settings =
        FineTuningSettings.parse(TextFile.read(folder.resolve(RunFolder.CONFIG)));
    List<Curve.Point> points = new ArrayList<>();
    Path log = folder.resolve(LOG);
    if (Files.exists(log)) {
      for (String line : TextFile.read(log).split("\n", -1)) {
        add(line, points);
      }
    }
    String name = folder.getFileName().toString();
    return new PastRun(
        folder, settings, new Curve(name, points), RunFolder.holdsFinishedRun(folder));
  }

  /** A line that a killed process has left half written is passed over. */
  private static void add(String line, List<Curve.Point> points) throws IOException {
    if (line.endsWith("}")) {
      JsonObject entry = JsonObject.parse(LOG, line);
      if (entry.has("loss") && entry.has("step")) {
        points.add(new Curve.Point(entry.integer("step"), entry.number("loss")));
      }
    }
  }

  boolean hasAdapter() {
    return Files.exists(folder.resolve(PeftFolder.WEIGHTS));
  }

  /** One line about it. */
  String summary() {
    int count = curve.points().size();
    String method =
        switch (settings.method()) {
          case LORA -> "LoRA";
          case DORA -> "DoRA";
          case FULL -> "All weights";
        };
    if (count == 0) {
      return method + ", not begun";
    }
    double[] smooth = curve.smoothed();
    return String.format(
        Locale.getDefault(),
        "%s, step %d, loss %.3f%s",
        method,
        curve.points().get(count - 1).step(),
        smooth[count - 1],
        finished ? "" : ", not finished");
  }
}
