package org.mobilefinetuner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.mobilefinetuner.eval.Mmlu;
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
import picocli.CommandLine.Spec;

/** {@code mft eval mmlu}: the questions of MMLU, prompted and scored as lm-eval does. */
@Command(
    name = "mmlu",
    description = {
      "Measures the share of MMLU's questions that a model answers rightly.",
      "",
      "Prompts are lm-eval's: --shots examples from dev, then the question; the answer is the"
          + " likeliest of \" A\" to \" D\". Examples that do not fit into the model's positions"
          + " are left out, and the number used is told. The micro average counts each question,"
          + " the macro average each subject. Guessing gives 25 %."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class MmluCommand implements Callable<Integer> {
  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private ComparedModels models = new ComparedModels();

  @Option(
      names = {"--data", "--dataset"},
      required = true,
      paramLabel = "DIR",
      description = "Folder with dev/*_dev.csv and test/*_test.csv.")
  private Path data = Path.of("");

  @Option(
      names = {"--shots", "--num-fewshot"},
      paramLabel = "N",
      description = "Examples before each question (default: 5).")
  private int shots = 5;

  @Option(
      names = "--subjects",
      split = ",",
      paramLabel = "A,B,...",
      description = "Only these, such as anatomy,us_foreign_policy.")
  private List<String> wanted = new ArrayList<>();

  @Mixin private ChoiceOptions choice = new ChoiceOptions();
  @Mixin private BackendOptions backend = new BackendOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  /** The questions of a subject. */
  private record Subject(String name, List<Mmlu.Asked> asked) {
    List<Question> questions() {
      return asked.stream().map(Mmlu.Asked::question).toList();
    }

    /** How many questions had how many examples. */
    Map<Integer, Integer> shots() {
      Map<Integer, Integer> shots = new TreeMap<>();
      asked.forEach(each -> shots.merge(each.shots(), 1, Integer::sum));
      return shots;
    }
  }

  /** What one model has made of all subjects. */
  private static final class Result {
    final String model;
    final Map<String, Score> scores = new LinkedHashMap<>();
    JsonObject json = JsonObject.empty();

    Result(String model) {
      this.model = model;
    }

    Score all() {
      return scores.values().stream().reduce(Score.NONE, Score::plus);
    }

    double macro() {
      return scores.values().stream().mapToDouble(Score::accuracy).average().orElse(0);
    }
  }

  @Override
  public Integer call() throws IOException {
    if (shots < 0) {
      throw usage("expected --shots of at least 0, found " + shots);
    }
    int most = choice.most();
    Mmlu mmlu = new Mmlu(data);
    List<String> names = names(mmlu);
    List<Result> results = new ArrayList<>();
    Map<String, Map<Integer, Integer>> used = new LinkedHashMap<>();
    try (ModelFolder folder = ModelFolder.open(modelOptions.model);
        Kernels kernels = backend.kernels();
        SamplesFile samples = SamplesFile.open(choice.samples)) {
      Tokenizer tokenizer = Examinee.tokenizer(folder);
      for (ComparedModels.One model : models.all()) {
        Examinee examinee = new Examinee(model, folder, tokenizer, kernels);
        Result result = new Result(model.name());
        for (String name : names) {
          Subject subject =
              new Subject(
                  name, mmlu.questions(name, shots, most, tokenizer, folder.model().positions()));
          used.put(name, subject.shots());
          result.scores.put(name, ask(examinee, subject, result, names, samples));
        }
        result.json = json(examinee.result(folder), result, used);
        examinee.cost(result.json, kernels);
        results.add(result);
      }
      samples.complete();
    }
    report(results, used);
    return 0;
  }

  private List<String> names(Mmlu mmlu) throws IOException {
    List<String> all = mmlu.subjects();
    for (String name : wanted) {
      if (!all.contains(name)) {
        throw usage("unknown subject \"" + name + "\"" + Suggestions.nearest(name, all));
      }
    }
    return wanted.isEmpty() ? all : wanted.stream().distinct().toList();
  }

  private Score ask(
      Examinee examinee, Subject subject, Result sofar, List<String> names, SamplesFile samples)
      throws IOException {
    EvalProgress progress = new EvalProgress(spec.commandLine(), choice.json);
    Score before = sofar.all();
    int[] count = {0, before.right()};
    try {
      return examinee.ask(
          subject.questions(),
          (question, answer) -> {
            int number = count[0]++;
            count[1] += answer.best() == question.gold() ? 1 : 0;
            samples.add(
                examinee
                    .sample(question, answer)
                    .put("subject", subject.name)
                    .put("shots", subject.asked.get(number).shots()));
            progress.at(
                String.format(
                    Locale.ROOT,
                    "%s: subject %d of %d, %s, question %d of %d, %.1f %% right so far",
                    sofar.model,
                    sofar.scores.size() + 1,
                    names.size(),
                    subject.name,
                    count[0],
                    subject.asked.size(),
                    100.0 * count[1] / (before.questions() + count[0])));
          });
    } finally {
      progress.clear();
    }
  }

  private JsonObject json(JsonObject json, Result result, Map<String, Map<Integer, Integer>> used) {
    Score all = result.all();
    json.put("task", "mmlu")
        .put("questions", all.questions())
        .put("acc_micro", all.accuracy())
        .put("acc_macro", result.macro())
        .put("acc_stderr", all.standardError())
        .put("shots", shots)
        .put("truncated", all.truncated());
    List<JsonObject> subjects = new ArrayList<>();
    result.scores.forEach(
        (name, score) -> {
          JsonObject counts = JsonObject.empty();
          used.getOrDefault(name, Map.of())
              .forEach((number, questions) -> counts.put(number.toString(), questions));
          subjects.add(
              JsonObject.empty()
                  .put("subject", name)
                  .put("questions", score.questions())
                  .put("right", score.right())
                  .put("acc", score.accuracy())
                  .put("shots_used", counts));
        });
    return json.put("subjects", subjects);
  }

  private void report(List<Result> results, Map<String, Map<Integer, Integer>> used) {
    PrintWriter out = spec.commandLine().getOut();
    if (choice.json) {
      List<JsonObject> all = results.stream().map(result -> result.json).toList();
      out.println(
          all.size() == 1
              ? all.get(0)
              : JsonObject.empty().put("task", "mmlu").put("results", all));
      return;
    }
    List<String> head = new ArrayList<>(List.of("subject", ">questions", ">shots"));
    results.forEach(result -> head.add(">" + result.model));
    Table table = new Table(head.toArray(String[]::new));
    Score all = results.get(0).all();
    used.forEach(
        (name, counts) -> {
          int questions = counts.values().stream().mapToInt(n -> n).sum();
          row(table, name, questions, range(counts), results, r -> accuracy(r, name));
        });
    row(table, "micro average", all.questions(), "", results, r -> r.all().accuracy());
    row(table, "macro average", all.questions(), "", results, Result::macro);
    table.print(out);
    if (all.truncated() > 0) {
      out.printf(
          Locale.ROOT,
          "%,d questions were too long even without examples and lost their beginning.%n",
          all.truncated());
    }
  }

  private static double accuracy(Result result, String subject) {
    return result.scores.getOrDefault(subject, Score.NONE).accuracy();
  }

  private static void row(
      Table table,
      String name,
      int questions,
      String shots,
      List<Result> results,
      java.util.function.ToDoubleFunction<Result> value) {
    List<String> cells =
        new ArrayList<>(List.of(name, String.format(Locale.ROOT, "%,d", questions), shots));
    results.forEach(
        result -> cells.add(String.format(Locale.ROOT, "%.4f", value.applyAsDouble(result))));
    table.row(cells.toArray(String[]::new));
  }

  private static String range(Map<Integer, Integer> counts) {
    List<Integer> numbers = List.copyOf(counts.keySet());
    if (numbers.isEmpty()) {
      return "";
    }
    int least = numbers.get(0);
    int most = numbers.get(numbers.size() - 1);
    return least == most ? "" + least : least + "-" + most;
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
