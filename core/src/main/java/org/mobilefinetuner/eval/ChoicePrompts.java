package org.mobilefinetuner.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;

/**
 * The prompts of lm-eval's task files, from records as the hub has them, or as they lie in the
 * repositories of OLMo and GLUE.
 */
final class ChoicePrompts {
  private static final Pattern LETTERED = Pattern.compile("\n [A-H]\\. ");
  private static final Pattern BRACKETS = Pattern.compile("\\[[^\n]*?\\]");

  private ChoicePrompts() {}

  static Question boolq(JsonObject r) throws FormatException {
    String question = r.string("question");
    if (question.endsWith("?")) { // the original has none, some copies do
      question = question.substring(0, question.length() - 1);
    }
    String context = r.string("passage") + "\nQuestion: " + question + "?\nAnswer:";
    return ask(context, List.of("no", "yes"), label(r, List.of("label", "answer"), "no", "yes"));
  }

  static Question piqa(JsonObject r) throws FormatException {
    String context = "Question: " + r.string("goal") + "\nAnswer:";
    List<String> choices = List.of(r.string("sol1"), r.string("sol2"));
    return ask(context, choices, label(r, List.of("label"), "0", "1"));
  }

  static Question arc(JsonObject r) throws FormatException {
    if (r.has("query")) {
      return lettered(r);
    }
    JsonObject choices = r.object("choices");
    String[] letters = strings(choices.list("label")).toArray(new String[0]);
    return ask(
        "Question: " + r.string("question") + "\nAnswer:",
        strings(choices.list("text")),
        label(r, List.of("answerKey"), letters));
  }

  /** {@code "Question: ...\n A. ...\n B. ...\nAnswer:"}, asked without the letters. */
  private static Question lettered(JsonObject r) throws FormatException {
    String query = r.string("query");
    int end = query.lastIndexOf("\nAnswer:");
    Matcher letters = LETTERED.matcher(query);
    int count = r.list("choices").size();
    List<Integer> starts = new ArrayList<>();
    List<Integer> texts = new ArrayList<>();
    while (letters.find()) {
      starts.add(letters.start());
      texts.add(letters.end());
    }
    if (end < 0 || starts.size() != count) {
      throw new IllegalArgumentException(
          "expected a query with " + count + " lettered lines, found " + starts.size());
    }
    starts.add(end);
    List<String> choices = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      choices.add(query.substring(texts.get(i), starts.get(i + 1)));
    }
    return ask(query.substring(0, starts.get(0)) + "\nAnswer:", choices, r.integer("gold"));
  }

  static Question hellaSwag(JsonObject r) throws FormatException {
    String context = r.string("ctx_a") + " " + PythonText.capitalize(r.string("ctx_b"));
    List<String> endings = new ArrayList<>();
    for (String ending : strings(r.list("endings"))) {
      endings.add(clean(ending));
    }
    return ask(
        clean(r.string("activity_label") + ": " + context),
        endings,
        label(r, List.of("label"), "0", "1", "2", "3"));
  }

  /** Brackets come from WikiHow's headings. */
  private static String clean(String text) {
    String s = PythonText.strip(text).replace(" [title]", ". ");
    return BRACKETS.matcher(s).replaceAll("").replace("  ", " ");
  }

  /** The options differ in what comes before the text that is scored. */
  static Question winoGrande(JsonObject r) throws FormatException {
    String sentence = r.string("sentence");
    int blank = sentence.indexOf('_');
    if (blank < 0) {
      throw new IllegalArgumentException("expected a _ in the sentence, found none");
    }
    String rest = PythonText.strip(sentence.substring(blank + 1));
    List<Question.Option> options = new ArrayList<>();
    for (String option : List.of(r.string("option1"), r.string("option2"))) {
      options.add(Question.Option.of(sentence.substring(0, blank) + option, rest));
    }
    return new Question(options, label(r, List.of("answer"), "1", "2"));
  }

  static Question socialIqa(JsonObject r) throws FormatException {
    return ask(
        "Q: " + r.string("context") + " " + r.string("question") + "\nA:",
        List.of(r.string("answerA"), r.string("answerB"), r.string("answerC")),
        label(r, List.of("label"), "1", "2", "3"));
  }

  static Question qnli(JsonObject r) throws FormatException {
    String context =
        r.string("question")
            + "\n"
            + r.string("sentence")
            + "\nQuestion: Does this response answer the question?\nAnswer:";
    boolean words = r.get("label") instanceof String s && s.endsWith("entailment");
    String[] labels =
        words ? new String[] {"entailment", "not_entailment"} : new String[] {"0", "1"};
    return ask(context, List.of("yes", "no"), label(r, List.of("label"), labels));
  }

  private static Question ask(String context, List<String> choices, int gold) {
    List<Question.Option> options = new ArrayList<>();
    for (String choice : choices) {
      options.add(Question.Option.of(context, choice));
    }
    return new Question(options, gold);
  }

  /**
   * Which of {@code labels} the record has under the first of {@code keys} that is there. The
   * numbers from 0 and false and true will do for two labels.
   */
  private static int label(JsonObject r, List<String> keys, String... labels) {
    for (String key : keys) {
      if (r.has(key)) {
        String found = String.valueOf(r.get(key));
        for (int i = 0; i < labels.length; i++) {
          boolean truth = labels.length == 2 && found.equals(i == 0 ? "false" : "true");
          boolean number = labels[0].equals("no") && found.equals(String.valueOf(i));
          if (found.equals(labels[i]) || truth || number) {
            return i;
          }
        }
        throw new IllegalArgumentException(
            "expected \"" + key + "\" of " + String.join(", ", labels) + ", found " + found);
      }
    }
    throw new IllegalArgumentException("expected a \"" + keys.get(0) + "\", found none");
  }

  private static List<String> strings(List<?> values) {
    List<String> strings = new ArrayList<>();
    for (Object value : values) {
      strings.add(String.valueOf(value));
    }
    return strings;
  }
}
