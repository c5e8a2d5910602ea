package org.mobilefinetuner.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.data.DataFormat;
import org.mobilefinetuner.data.DataStatistics.Report;
import org.mobilefinetuner.io.JsonObject;

/**
 * What {@code mft data check} says.
 *
 * @param files the first is trained on
 * @param maxLength what longer examples are cut to
 * @param maxLeakage the part of held-out examples that may be trained on
 */
record DataReport(List<File> files, int maxLength, List<Leak> leaks, double maxLeakage) {
  /** One file. */
  record File(String name, Path path, DataFormat format, Report report) {}

  /** How many of the held-out examples are also trained on. */
  record Leak(String name, int count, int of) {
    double share() {
      return of == 0 ? 0 : (double) count / of;
    }
  }

  /** What would ruin a run, a sentence each. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    for (File file : files) {
      Report r = file.report();
      if (r.supervised() == 0) {
        problems.add(
            file.path()
                + ": expected tokens to predict, found none in "
                + r.records()
                + " examples; see mft data preview"
                + (r.emptied() > 0 ? ", or raise --max-seq-length" : ""));
      }
      if (r.doubleBegin() > 0) {
        problems.add(
            r.firstDoubleBegin()
                + ": expected one token that begins the text, found two, in "
                + r.doubleBegin()
                + " examples; take it out of the data");
      }
    }
    for (Leak leak : leaks) {
      if (leak.share() > maxLeakage) {
        problems.add(
            String.format(
                Locale.ROOT,
                "expected at most %.1f %% of %s among the training examples (--max-leakage), found"
                    + " %.1f %% (%,d of %,d); remove them from one of the two",
                100 * maxLeakage,
                leak.name(),
                100 * leak.share(),
                leak.count(),
                leak.of()));
      }
    }
    return problems;
  }

  void print(PrintWriter out) {
    for (File file : files) {
      print(out, file);
    }
    for (Leak leak : leaks) {
      out.printf(
          Locale.ROOT,
          "%s: %,d of %,d examples are also trained on%n",
          leak.name(),
          leak.count(),
          leak.of());
    }
    List<String> problems = problems();
    problems.forEach(problem -> out.println("problem: " + problem));
    if (problems.isEmpty()) {
      out.println("nothing here would ruin a run");
    }
  }

  private void print(PrintWriter out, File file) {
    Report r = file.report();
    out.printf(
        Locale.ROOT,
        "%s: %s, %s, %,d examples%n"
            + "  tokens         %,d, %,d to predict%n"
            + "  length         %,d to %,d, median %,d, 95 %% up to %,d%n",
        file.name(),
        file.path(),
        file.format(),
        r.records(),
        r.tokens(),
        r.supervised(),
        r.shortest(),
        r.longest(),
        r.median(),
        r.p95());
    line(out, "cut", r.truncated(), "to " + maxLength + " tokens", null);
    line(out, "dropped", r.unsupervised(), "without a token to predict", null);
    line(out, "dropped", r.emptied(), "with none in the first " + maxLength + " tokens", null);
    line(out, "duplicates", r.duplicates(), "the same as one before", null);
    line(out, "double begin", r.doubleBegin(), "begin twice", r.firstDoubleBegin());
    line(out, "no begin", r.missingBegin(), "lack the begin token", r.firstMissingBegin());
    line(out, "no end", r.missingEnd(), "teach no end token", r.firstMissingEnd());
  }

  private static void line(
      PrintWriter out, String name, int count, String what, @Nullable String first) {
    if (count > 0) {
      out.printf(
          Locale.ROOT,
          "  %-14s %,d %s%s%n",
          name,
          count,
          what,
          first == null ? "" : ", first " + first);
    }
  }

  JsonObject json() {
    List<JsonObject> all = new ArrayList<>();
    for (File file : files) {
      all.add(json(file));
    }
    List<JsonObject> leaked = new ArrayList<>();
    for (Leak leak : leaks) {
      leaked.add(
          JsonObject.empty()
              .put("name", leak.name())
              .put("count", leak.count())
              .put("of", leak.of())
              .put("share", leak.share()));
    }
    return JsonObject.empty()
        .put("max_seq_length", maxLength)
        .put("files", all)
        .put("leakage", leaked)
        .put("problems", problems());
  }

  private static JsonObject json(File file) {
    Report r = file.report();
    return JsonObject.empty()
        .put("name", file.name())
        .put("path", file.path().toString())
        .put("format", file.format().toString())
        .put("examples", r.records())
        .put("tokens", r.tokens())
        .put("supervised_tokens", r.supervised())
        .put("length_min", r.shortest())
        .put("length_median", r.median())
        .put("length_p95", r.p95())
        .put("length_max", r.longest())
        .put("truncated", r.truncated())
        .put("unsupervised", r.unsupervised())
        .put("emptied_by_truncation", r.emptied())
        .put("duplicates", r.duplicates())
        .put("double_bos", r.doubleBegin())
        .put("missing_bos", r.missingBegin())
        .put("missing_end", r.missingEnd());
  }
}
