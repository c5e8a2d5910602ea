package org.mobilefinetuner.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.eval.MultipleChoice;
import org.mobilefinetuner.eval.MultipleChoice.Answer;
import org.mobilefinetuner.eval.MultipleChoice.Score;
import org.mobilefinetuner.eval.Question;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.LoadedWeights;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.text.Tokenizer;

/** One of the models that are compared, being asked questions. */
final class Examinee {
  private final ComparedModels.One model;
  private final LoadedWeights weights;
  private final MultipleChoice questions;
  private final long start = System.nanoTime();

  Examinee(ComparedModels.One model, ModelFolder folder, Tokenizer tokenizer, Kernels kernels)
      throws IOException {
    this.model = model;
    this.weights = model.load(folder);
    this.questions =
        new MultipleChoice(folder.model(), weights, tokenizer, kernels, Arena.unbounded());
  }

  static Tokenizer tokenizer(ModelFolder folder) throws IOException {
    @Nullable Tokenizer tokenizer = folder.tokenizer();
    if (tokenizer == null) {
      throw new FormatException(
          "expected a tokenizer in the model folder to read questions, found none in "
              + folder.path()
              + "; add tokenizer.json, or vocab.json and merges.txt");
    }
    return tokenizer;
  }

  Score ask(List<Question> asked, MultipleChoice.Listener listener) throws IOException {
    try {
      return questions.ask(asked, listener);
    } catch (ArithmeticException e) {
      ModelFolder.requireFinite(weights);
      throw new FormatException(e.getMessage() + " though all weights are finite", e);
    }
  }

  /** What a line of samples begins with. */
  JsonObject sample(Question question, Answer answer) {
    List<String> contexts = new ArrayList<>();
    List<String> continuations = new ArrayList<>();
    for (Question.Option option : question.options()) {
      contexts.add(option.context());
      continuations.add(option.continuation());
    }
    boolean same = contexts.stream().distinct().count() == 1;
    return JsonObject.empty()
        .put("model", model.name())
        .put("context", same ? contexts.get(0) : contexts)
        .put("continuations", continuations)
        .put("scores", answer.scores())
        .put("predicted", answer.best())
        .put("predicted_norm", answer.bestByLength())
        .put("gold", question.gold());
  }

  /** What a result begins with. */
  JsonObject result(ModelFolder folder) {
    return JsonObject.empty()
        .put("model", folder.path().toString())
        .put("adapter", model.adapter() == null ? null : model.name())
        .put("base_format", model.base().format().toString());
  }

  /** What a result ends with. */
  void cost(JsonObject result, Kernels kernels) {
    result
        .put("tokens_read", questions.tokensRead())
        .put("backend", kernels.name())
        .put("threads", kernels.threads())
        .put("seconds", (System.nanoTime() - start) * 1e-9);
  }
}
