package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilefinetuner.io.JsonObject;

/** What a report shows is what the run has logged. A browser is asked by tools/report. */
final class ReportCommandTest {
  @TempDir private static Path shared = Path.of("");
  @TempDir Path temporary;
  private Path run = Path.of("");

  @BeforeAll
  static void train() throws IOException {
    TinyModel.make(shared, true);
    Files.writeString(shared.resolve("notes.txt"), "The quick brown fox jumps. ".repeat(40));
    Mft.Run made = train(shared.resolve("run"));
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(made.out()).contains("Report: " + shared.resolve("run/report.html"));
  }

  private static Mft.Run train(Path output, Object... more) {
    List<Object> args =
        List.of(
            "train",
            "--model",
            shared.resolve("model"),
            "--data",
            shared.resolve("notes.txt"),
            "--max-seq-length",
            32,
            "--max-steps",
            5,
            "--logging-steps",
            2,
            "--val-split",
            0.2,
            "--eval-steps",
            2,
            "--save-steps",
            2,
            "--output-dir",
            output);
    return Mft.run(Stream.concat(args.stream(), Stream.of(more)).toArray());
  }

  @BeforeEach
  void copy() throws IOException {
    run = Files.createDirectories(temporary.resolve("a <run>"));
    for (String name : List.of("metrics.jsonl", "run.yaml", "report.html")) {
      Files.copy(shared.resolve("run").resolve(name), run.resolve(name));
    }
  }

  /** The data in the page, of its first run. */
  private static JsonObject data(Path page) throws IOException {
    String html = Files.readString(page);
    String begin = "<script type=\"application/json\" id=\"data\">";
    int from = html.indexOf(begin) + begin.length();
    return JsonObject.parse("data", html.substring(from, html.indexOf("</script>", from)))
        .objects("runs")
        .get(0);
  }

  private static List<?> logged(Path run, String key) throws IOException {
    return Log.measured(run.resolve("metrics.jsonl")).stream()
        .filter(line -> line.has(key))
        .map(line -> line.get(key))
        .toList();
  }

  @Test
  void theChartsHaveTheNumbersOfTheLog() throws IOException {
    JsonObject data = data(run.resolve("report.html"));
    JsonObject curves = data.object("curves");
    assertThat(curves.object("loss").list("step")).isEqualTo(List.of(2L, 4L, 5L));
    assertThat(curves.object("loss").list("loss")).isEqualTo(logged(run, "loss"));
    assertThat(curves.object("evaluation").list("eval_loss")).isEqualTo(logged(run, "eval_loss"));
    assertThat(curves.object("norm").list("grad_norm")).isEqualTo(logged(run, "grad_norm"));
    assertThat(curves.object("memory").list("mem_arena_bytes"))
        .isEqualTo(logged(run, "mem_arena_bytes"));
    assertThat(data.object("summary").string("outcome")).isEqualTo("finished");
    assertThat(data.object("config").string("max_steps")).isEqualTo("5");
    double forward = 0;
    int before = 0;
    for (JsonObject line : Log.measured(run.resolve("metrics.jsonl"))) {
      if (line.has("loss")) {
        forward += line.number("time_forward_ms") * (line.integer("step") - before) * 1e-3;
        before = line.integer("step");
      }
    }
    assertThat(data.object("seconds").number("forward")).isEqualTo(forward);
  }

  @Test
  void thePageNeedsNothingElse() throws IOException {
    assertThat(Mft.run("report", run).code()).isZero();
    String html = Files.readString(run.resolve("report.html"));
    assertThat(html).contains("uPlot=", "Leon Sorokin", "a &lt;run>", "default-src 'none'");
    assertThat(html.replaceAll("(?s)/\\*!.*?\\*/", ""))
        .doesNotContain("<link rel=\"stylesheet", "src=", "@import", "url(", "fetch(");
    assertThat(html.split("<script", -1)).hasSize(1 + 3);
  }

  @Test
  void whatIsInTheLogCannotEndTheData() throws IOException {
    String evil =
        JsonObject.empty()
            .put("event", "warning")
            .put("step", 1)
            .put("message", "</script><script>alert(1)</script>")
            .toString();
    Files.writeString(run.resolve("metrics.jsonl"), evil + "\n", StandardOpenOption.APPEND);
    assertThat(Mft.run("report", run).code()).isZero();
    assertThat(Files.readString(run.resolve("report.html"))).doesNotContain("alert(1)</script>");
    assertThat(data(run.resolve("report.html")).objects("events"))
        .anyMatch(event -> String.valueOf(event.get("message")).startsWith("</script>"));
  }

  @Test
  void halfALineAtTheEndIsLeftOut() throws IOException {
    Path log = run.resolve("metrics.jsonl");
    String text = Files.readString(log);
    Files.writeString(log, text.substring(0, text.indexOf("{\"step\":5") + 60));
    Mft.Run made = Mft.run("report", run);
    assertThat(made.code()).as(made.err()).isZero();
    JsonObject data = data(run.resolve("report.html"));
    assertThat(data.object("curves").object("loss").list("step")).isEqualTo(List.of(2L, 4L));
    assertThat(data.object("summary").string("outcome")).isEqualTo("unfinished");
    Files.writeString(log, "{\n{}\n");
    assertThat(Mft.run("report", run).code()).as("a log that is damaged").isEqualTo(1);
  }

  @Test
  void runsAreCompared() throws IOException {
    Path page = temporary.resolve("both.html");
    Mft.Run made = Mft.run("report", run, shared.resolve("run"), "--output", page);
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(Files.readString(page)).contains("<title>a &lt;run> and run ");
  }

  @Test
  void whatIsNoRunIsAWrongCommandLine() {
    assertThat(Mft.run("report", temporary).code()).isEqualTo(2);
    assertThat(Mft.run("report").code()).isEqualTo(2);
    assertThat(Mft.run("report", run, "-o", temporary).err()).contains("found the folder");
  }

  @Test
  void aRunReportsToWhatWasAskedFor() throws IOException {
    Path bare = temporary.resolve("bare");
    Mft.Run made = train(bare, "--report-to", "none");
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(made.out()).doesNotContain("Report:");
    assertThat(TinyModel.names(bare))
        .contains("metrics.jsonl")
        .doesNotContain("report.html", "tensorboard");
    Path events = temporary.resolve("events");
    assertThat(train(events, "--report-to=tensorboard").code()).isZero();
    assertThat(TinyModel.names(events)).contains("tensorboard").doesNotContain("report.html");
    assertThat(train(temporary.resolve("no"), "--report-to", "none,html").code()).isEqualTo(2);
    assertThat(train(temporary.resolve("no"), "--report-to", "wandb").code()).isEqualTo(2);
    assertThat(Log.events(bare.resolve("metrics.jsonl"), "warning")).isEmpty();
  }
}
