package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.mobilefinetuner.eval.ChoiceTask;
import org.mobilefinetuner.eval.MultipleChoice.Score;
import org.mobilefinetuner.eval.Question;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.text.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mft eval task}: multiple-choice questions by the likelihood of their options. */
@Command(
    name = "task",
    description = {
      "Asks multiple-choice questions; the likeliest option is the answer.",
      "",
      "NAME is one of arc_easy, boolq, hellaswag, piqa, qnli, social_iqa, winogrande. Prompts are"
          + " those of lm-eval's task files, without examples before them. acc chooses by the"
          + " likelihood, acc_norm by the likelihood per character, acc_bytes per byte."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class TaskCommand implements Callable<Integer> {
  @Parameters(paramLabel = "NAME", description = "The task.")
  private String name = "";

  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private ComparedModels models = new ComparedModels();

  @Option(
      names = {"--data", "--dataset"},
      required = true,
      paramLabel = "FILE",
      description = "The questions: JSONL, or tab-separated with a head line (.tsv).")
  private Path data = Path.of("");

  @Mixin private ChoiceOptions choice = new ChoiceOptions();
  @Mixin private BackendOptions backend = new BackendOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  private record Result(String model, Score score, JsonObject json) {}

  @Override
  public Integer call() throws IOException {
    ChoiceTask task = task();
    int most = choice.most();
    List<Result> results = new ArrayList<>();
    try (ModelFolder folder = ModelFolder.open(modelOptions.model);
        Kernels kernels = backend.kernels();
        SamplesFile samples = SamplesFile.open(choice.samples)) {
      Tokenizer tokenizer = Examinee.tokenizer(folder);
      List<Question> questions = task.read(data, most);
      for (ComparedModels.One model : models.all()) {
        Examinee examinee = new Examinee(model, folder, tokenizer, kernels);
        Score score = ask(examinee, questions, model.name(), samples);
        JsonObject json = examinee.result(folder).put("task", task.name());
        numbers(json, score);
        examinee.cost(json, kernels);
        results.add(new Result(model.name(), score, json));
      }
      samples.complete();
    }
    report(task, results);
    return 0;
  }

  private ChoiceTask task() {
    String spelled = name.toLowerCase(Locale.ROOT).replace('-', '_');
    try {
      return ChoiceTask.named(spelled);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), e.getMessage() + Suggestions.nearest(spelled, ChoiceTask.names()));
    }
  }

  private Score ask(Examinee examinee, List<Question> questions, String model, SamplesFile samples)
      throws IOException {
    EvalProgress progress = new EvalProgress(spec.commandLine(), choice.json);
    int[] count = {0, 0};
    try {
      return examinee.ask(
          questions,
          (question, answer) -> {
            samples.add(examinee.sample(question, answer));
            count[1] += answer.best() == question.gold() ? 1 : 0;
            progress.at(
                String.format(
                    Locale.ROOT,
                    "%s: %,d of %,d questions, %.1f %% right so far",
                    model,
                    ++count[0],
                    questions.size(),
                    100.0 * count[1] / count[0]));
          });
    } finally {
      progress.clear();
    }
  }

  private static void numbers(JsonObject json, Score score) {
    json.put("questions", score.questions())
        .put("acc", score.accuracy())
        .put("acc_stderr", score.standardError())
        .put("acc_norm", score.accuracyByLength())
        .put("acc_bytes", score.accuracyByBytes())
        .put("truncated", score.truncated());
  }

  private void report(ChoiceTask task, List<Result> results) {
    PrintWriter out = spec.commandLine().getOut();
    if (choice.json) {
      out.println(results.size() == 1 ? results.get(0).json : list(task, results));
      return;
    }
    Score first = results.get(0).score;
    out.printf(
        Locale.ROOT,
        "%s, %,d questions, prompts of lm-eval without examples%s%n",
        task.name(),
        first.questions(),
        first.truncated() == 0
            ? ""
            : "; " + first.truncated() + " were too long and lost their beginning");
    Table table = new Table("model", ">acc", ">stderr", ">acc_norm", ">acc_bytes");
    for (Result result : results) {
      Score s = result.score;
      table.row(
          result.model,
          number(s.accuracy()),
          number(s.standardError()),
          number(s.accuracyByLength()),
          number(s.accuracyByBytes()));
    }
    table.print(out);
  }

  private static JsonObject list(ChoiceTask task, List<Result> results) {
    return JsonObject.empty()
        .put("task", task.name())
        .put("results", results.stream().map(Result::json).toList());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
