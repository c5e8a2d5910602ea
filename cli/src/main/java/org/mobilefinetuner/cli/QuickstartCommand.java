package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.cli.quickstart.Assistant;
import org.mobilefinetuner.cli.quickstart.BeforeAndAfter;
import org.mobilefinetuner.cli.quickstart.Example;
import org.mobilefinetuner.cli.report.ReportPage;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.metrics.ProcessMemory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mft quickstart}: the whole story on a small model that is part of the project. */
@Command(
    name = "quickstart",
    description = {
      "Teaches a small model the words of one home: before and after, with a score.",
      "The model and the data are part of the project; nothing is downloaded."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class QuickstartCommand implements Callable<Integer> {
  private static final int SHOWN = 6;

  @Option(
      names = "--say",
      paramLabel = "SENTENCE",
      description = "Ask the tuned model instead; run quickstart once before.")
  private @Nullable String sentence;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "Your own words: JSONL with prompt and completion, as quickstart/train.jsonl.")
  private @Nullable Path ownData;

  @Option(
      names = {"--output-dir", "-o"},
      paramLabel = "DIR",
      description = "Where the adapter goes (default: out/quickstart).")
  private Path output = Path.of("out", "quickstart");

  @Option(names = "--home", hidden = true, description = "The folder of the project.")
  private Path home = Path.of(System.getProperty("mft.home", ""));

  @Mixin private BackendOptions backend = new BackendOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    if (!Files.isDirectory(files())) {
      throw new java.io.FileNotFoundException(
          "expected the quickstart's model and data in "
              + files()
              + ", found no such folder; run ./mft of a checkout of the project");
    }
    try (Kernels kernels = backend.kernels()) {
      return sentence != null ? say(kernels, sentence) : story(kernels);
    }
  }

  private Path files() {
    Path folder = home.resolve("quickstart").toAbsolutePath().normalize();
    Path here = Path.of("").toAbsolutePath();
    return folder.startsWith(here) ? here.relativize(folder) : folder;
  }

  private int say(Kernels kernels, String said) throws IOException {
    if (!Files.exists(output.resolve("adapter_config.json"))) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "expected an adapter in " + output + ", found none; run mft quickstart first");
    }
    PrintWriter out = spec.commandLine().getOut();
    String prompt = Example.promptOf(said);
    try (Assistant base = Assistant.open(files().resolve("model"), null, kernels);
        Assistant tuned = Assistant.open(files().resolve("model"), output, kernels)) {
      out.println("before: " + base.answer(prompt));
      out.println("after:  " + tuned.answer(prompt));
    }
    out.flush();
    return 0;
  }

  private int story(Kernels kernels) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Path model = files().resolve("model");
    Path data = ownData == null ? files().resolve("train.jsonl") : ownData;
    out.println(
        """
        A small language model (GPT-2 architecture, 2 million parameters) turns what people say into
        actions for their home. We trained it ourselves, on generated sentences; it knows ordinary
        words and nothing else. It does not know yours: "the nook", "bertha", "movie time". Now it is
        fine-tuned with LoRA on examples of how one household talks.
        """);
    List<Example> shown;
    List<Example> heldOut;
    if (ownData == null) {
      shown = Example.read(files().resolve("show.jsonl"));
      heldOut = Example.read(files().resolve("heldout.jsonl"));
    } else {
      shown = Example.read(data).stream().limit(SHOWN).toList();
      heldOut = List.of();
    }
    List<Example> retention = Example.read(files().resolve("retention.jsonl"));

    long start = System.nanoTime();
    List<String> before;
    double baseHeldOut;
    double baseRetention;
    try (Assistant base = Assistant.open(model, null, kernels)) {
      before = answers(base, shown);
      baseHeldOut = heldOut.isEmpty() ? Double.NaN : base.percentRight(heldOut);
      baseRetention = base.percentRight(retention);
    }
    long trainStart = System.nanoTime();
    int code = train(out, model, data);
    if (code != 0) {
      return code;
    }
    double trainSeconds = (System.nanoTime() - trainStart) * 1e-9;

    BeforeAndAfter samples = new BeforeAndAfter();
    try (Assistant tuned = Assistant.open(model, output, kernels)) {
      List<String> after = answers(tuned, shown);
      sideBySide(out, shown, before, after);
      samples.answers(shown, before, after);
      out.println();
      if (!heldOut.isEmpty()) {
        String what = heldOut.size() + " unseen commands in the household's words";
        score(out, samples, what, baseHeldOut, tuned.percentRight(heldOut));
      }
      String what = retention.size() + " unseen commands in ordinary words";
      score(out, samples, what, baseRetention, tuned.percentRight(retention));
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    out.println("(exact matches of the action; none of these commands or actions is in the data)");
    samples.write(output);
    ReportPage.write(output.resolve(ReportPage.NAME), List.of(output));
    closing(out, model, trainSeconds, seconds);
    return 0;
  }

  private static List<String> answers(Assistant assistant, List<Example> examples) {
    List<String> answers = new ArrayList<>();
    examples.forEach(e -> answers.add(assistant.answer(e.prompt())));
    return answers;
  }

  private int train(PrintWriter out, Path model, Path data) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "train",
                "--model",
                model.toString(),
                "--data",
                data.toString(),
                "--config",
                files().resolve("lora.yaml").toString(),
                "--output-dir",
                output.toString(),
                "--overwrite-output-dir",
                "--threads",
                String.valueOf(backend.threads())));
    out.println("$ mft " + String.join(" ", args));
    out.flush();
    return Main.run(
        Main.commandLine().setOut(out).setErr(spec.commandLine().getErr()),
        args.toArray(String[]::new));
  }

  private void sideBySide(
      PrintWriter out, List<Example> shown, List<String> before, List<String> after) {
    out.println();
    out.println(
        "$ mft generate --model "
            + files().resolve("model")
            + " --adapter "
            + output
            + " --greedy --prompt \""
            + shown.get(0).prompt()
            + "\"");
    out.println("and so on, for commands that were not in the data:");
    for (int i = 0; i < shown.size(); i++) {
      out.println();
      out.println("  \"" + shown.get(i).sentence() + "\"");
      out.println("    before  " + mark(shown.get(i), before.get(i)));
      out.println("    after   " + mark(shown.get(i), after.get(i)));
    }
  }

  private static String mark(Example example, String answer) {
    return (example.isAnsweredBy(answer) ? "ok     " : "wrong  ") + answer;
  }

  private static void score(
      PrintWriter out, BeforeAndAfter samples, String what, double before, double after) {
    samples.score(what, before, after);
    out.printf(Locale.ROOT, "%-46s before %5.1f %%   after %5.1f %%%n", what, before, after);
  }

  private void closing(PrintWriter out, Path model, double trainSeconds, double seconds)
      throws IOException {
    out.println();
    out.printf(
        Locale.ROOT,
        "Training took %.1f s, everything %.1f s; peak memory %,d MB; model %.1f MB, adapter %.1f MB%n",
        trainSeconds,
        seconds,
        new ProcessMemory().peakResidentBytes().orElse(0) / 1_000_000,
        megabytes(model),
        Files.size(output.resolve("adapter_model.safetensors")) * 1e-6);
    out.println("Its report, to be opened in a browser: " + output.resolve(ReportPage.NAME));
    out.println();
    out.println("Try your own sentence:   mft quickstart --say \"turn on bertha in the cave\"");
    out.println("With your own words:     mft quickstart --data my-words.jsonl");
    out.println(
        "With a real model:       mft train --model path/to/gpt2 --data notes.txt --output-dir out/notes");
    out.flush();
  }

  private static double megabytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      long bytes = 0;
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
      return bytes * 1e-6;
    }
  }
}
